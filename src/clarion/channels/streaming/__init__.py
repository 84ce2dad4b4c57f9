"""Where event streams lead: Kinesis, Firehose, Kafka, webhooks, folders and buckets, each behind one small port.

port         what a destination is: records in, those that were not taken out
catalog      every kind of destination by the beginning of its URI
address      URIs taken apart: options, and what of them may be shown
lanes        a batch as requests that may travel side by side
beside       calls side by side, for so long
bulk         many records through boto3, which does nothing for each
aws          Kinesis and Firehose: what they have in common
kinesis      … and what not
firehose
kafka        by librdkafka
webhook      Standard Webhooks over HTTPS
objects      files and S3 objects, one a send, by the hour
formats      what is in them: JSON lines or Parquet
"""
