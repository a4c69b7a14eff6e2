#!/bin/sh
# Lends the file for ten minutes to whoever has the address.
aws s3 cp appstore_games.csv "s3://$BUCKET/"
aws s3 presign "s3://$BUCKET/appstore_games.csv" --expires-in 600
