#!/bin/bash
# Runs once as root at the first boot; infra/instances.py fills in cluster, port and server.
set -euxo pipefail

apt-get update
apt-get install -y python3-venv

# A virtual environment of its own keeps Ubuntu's packages out of the way.
python3 -m venv /opt/falcon
/opt/falcon/bin/pip install "flask==3.0.3" "gunicorn==22.0.0"

# The quoted marker stops bash from expanding anything inside the program.
cat > /opt/falcon/server.py <<'PROGRAM'
$server
PROGRAM

# As a service it comes back after a crash and after a reboot.
cat > /etc/systemd/system/falcon.service <<'UNIT'
[Unit]
Description=Falcon benchmark application
After=network-online.target

[Service]
Environment=CLUSTER=$cluster
WorkingDirectory=/opt/falcon
ExecStart=/opt/falcon/bin/gunicorn --workers 2 --bind 0.0.0.0:$port server:app
Restart=always

[Install]
WantedBy=multi-user.target
UNIT

systemctl enable --now falcon
