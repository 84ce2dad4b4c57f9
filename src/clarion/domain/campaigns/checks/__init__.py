"""The rules of WriteCampaignRequest; every complaint names its member by path."""
