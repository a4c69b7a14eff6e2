#!/usr/bin/env bash
# From nothing to the numbers of the report: deploy, benchmark, show. Give --keep to leave the stack standing.
set -euo pipefail
cd "$(dirname "$0")"

# Fail now rather than after ten minutes when the session has expired.
aws sts get-caller-identity --query Account --output text

python3 -m venv .venv
.venv/bin/pip install --quiet --requirement requirements.txt

# Whatever happens after the deployment, nothing is left running that costs money.
if [[ "${1:-}" != "--keep" ]]; then
    trap '.venv/bin/python -m infra.teardown' EXIT
fi

.venv/bin/python -m infra.deploy
.venv/bin/python -m client.benchmark

# CloudWatch publishes the last minute with a delay.
sleep 180
.venv/bin/python -m metrics.show | tee tables.md
