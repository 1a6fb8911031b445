#!/bin/sh
# Rebuilds the stylesheet and script that ship in the package. Needs Node 20 or newer; users of Concord never do.
set -eu
cd "$(dirname "$0")"
npm ci
npm run build -- "$@"
# axe-core checks pages in the browser tests; it is not shipped.
mkdir -p ../tests/system/vendor
cp node_modules/axe-core/axe.min.js ../tests/system/vendor/axe.min.js
cp node_modules/axe-core/LICENSE ../tests/system/vendor/axe-core.LICENSE.txt
