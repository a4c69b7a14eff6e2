region  = "eu-west-1"
project = "day02"
