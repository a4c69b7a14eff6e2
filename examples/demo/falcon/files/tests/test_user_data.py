"""The boot script is complete: no placeholder is left, and the program inside is the one in app/."""

import pytest

from infra.instances import APP, user_data
from infra.settings import CLUSTERS


@pytest.mark.parametrize("cluster", CLUSTERS, ids=lambda cluster: cluster.name)
def test_script_names_its_cluster_and_port(cluster):
    """Each cluster boots with its own name, on the port of the target group."""
    script = user_data(cluster)
    assert f"CLUSTER={cluster.name}" in script
    assert "--bind 0.0.0.0:80" in script


def test_script_carries_the_application():
    """The program is sent as it is, so what we test here is what runs there."""
    assert (APP / "server.py").read_text(encoding="utf-8") in user_data(CLUSTERS[0])


def test_script_fits_into_user_data():
    """EC2 refuses more than 16 KiB."""
    assert all(len(user_data(cluster).encode()) < 16384 for cluster in CLUSTERS)
