#!/usr/bin/env bash
set -eu
tests=$ANSIBLE_COLLECTIONS_PATH/ansible_collections/northflank/cloud/tests
exec python "$tests/integration/with_sandbox.py" ansible-playbook play.yml -e project_id=default-project -e release=build-117 \
    -e pre_deploy_snapshot_exclude=postgres-paused "$@"
