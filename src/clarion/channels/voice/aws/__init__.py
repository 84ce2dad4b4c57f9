"""Calls by AWS End User Messaging (pinpoint-sms-voice-v2).

provider    what is configured
transport   SendVoiceMessage through boto3
"""
