#!/usr/bin/env bash
set -eu
tests=$ANSIBLE_COLLECTIONS_PATH/ansible_collections/northflank/cloud/tests
exec python "$tests/integration/with_sandbox.py" ansible-playbook play.yml "$@"
