#!/bin/bash
apt-get update
apt-get install -y python3-pip git
pip3 install flask
git clone https://git.example.org/osprey/tp1.git /home/ubuntu/tp1
cd /home/ubuntu/tp1/app
export CLUSTER=${cluster}
nohup python3 app.py &
