"""Calls to what customers built: functions of AWS Lambda, webhooks, models of Amazon Personalize, contact centers.

port         what a call is, what is wrong with one that failed, and how long is waited
guard        which URLs and addresses may be called at all
web          one request to one checked address, bounded in time and size
answers      … and what comes back
connections  … over connections that are kept, and cut when time is over
circuit      when a destination that fails is left alone
circuits     … all of them
aws          Lambda, Personalize and Connect, by boto3, which the first such call loads
dialling     what a web hook is asked that stands in for a contact center
service      `Callouts`: tries again, many at once, and lets go when the process ends
"""
