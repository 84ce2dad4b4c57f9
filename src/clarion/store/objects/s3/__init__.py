"""Objects in S3 and in what speaks like it (MinIO, Ceph, moto's server). Only this room knows boto3.

`client` makes the boto3 client and asks it again when that may help, `errors` says what its errors mean,
`reading` and `writing` keep a stream going over many requests, `bucket` is the port.
"""

from clarion.store.objects.s3.bucket import S3

__all__ = ["S3"]
