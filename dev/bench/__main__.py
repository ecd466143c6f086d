"""./run bench: what a build costs; ./run bench outage: what a failover costs; ./run bench
pools: what one of many pools costs.
"""

from __future__ import annotations

import sys

from dev.bench import build_costs, outage_costs, pool_costs


def main() -> int:
    if sys.argv[1:2] == ["outage"]:
        return outage_costs.main(sys.argv[2:])
    if sys.argv[1:2] == ["pools"]:
        return pool_costs.main(sys.argv[2:])
    return build_costs.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
