#!/usr/bin/env bash
# Runs one of the scripts with the Node.js of the runner, or says what is missing. Bash and Node.js are on every runner
# that GitHub hosts, Windows included; curl and jq are not everywhere, and neither can be trusted with the quoting there.
set -euo pipefail

script="$1"
shift
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; then
    echo "::error::campaignctl's actions need Node.js 20 or newer on the runner: have actions/setup-node run before them"
    exit 1
fi
# From Node.js 24 on, a proxy of the runner is used.
export NODE_USE_ENV_PROXY=1
exec node "$(dirname "${BASH_SOURCE[0]}")/../$script" "$@"
