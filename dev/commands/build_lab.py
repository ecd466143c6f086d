"""./run lab [INVENTORY]: the main job on the simulated estate, as a newcomer meets it.

./run lab failover: the whole story of an outage.
"""

from __future__ import annotations

import argparse
import sys
import time

from dev.commands import outage_story
from support import labs

ESTATES = ("default", "low_bandwidth", "several_pools")


def start(inventory: str) -> labs.Lab:
    """The newcomer's lab, named after its inventory; one that runs already is used as it stands."""
    home = labs.home()
    names = {row["name"] for row in labs.chatlab(home, "ps")}
    if inventory not in names:
        print(
            f"Starting the lab: the estate '{inventory}',"
            " every host on a loopback address of its own ...",
            flush=True,
        )
        labs.chatlab(home, "up", "--name", inventory, "--estate", inventory, "--net", "auto")
    return labs.Lab(inventory, inventory, home)


def main() -> int:
    if sys.argv[1:2] == ["failover"]:
        return outage_story.main()
    parser = argparse.ArgumentParser(prog="./run lab", description=__doc__)
    parser.add_argument("inventory", nargs="?", default="default", choices=ESTATES)
    parser.add_argument("--down", action="store_true", help="stop this lab and forget its estate")
    options, rest = parser.parse_known_args()
    if options.down:
        labs.chatlab(labs.home(), "down", "--name", options.inventory)
        print("The lab is stopped.")
        return 0
    return build(start(options.inventory), rest)


def build(lab: labs.Lab, arguments: list[str]) -> int:
    """What ansible-playbook returned; 143 when it was ended from outside."""
    before = lab.chatlab("stats")["total"]
    started = time.monotonic()
    print(
        f"ansible-playbook -i inventories/{lab.inventory}/hosts.yml"
        f" -i {lab.connection_file} playbooks/site.yml\n",
        flush=True,
    )
    try:
        with (
            labs.ends_in_order(),
            labs.started(
                lab.command("site", *arguments), env=labs.play_environment(for_people=True)
            ) as process,
        ):
            rc = process.wait()
    except labs.Terminated as asked:
        print(
            f"\nEnded by {asked}; the playbook is stopped, the lab runs on:"
            " ./run lab --down stops it.",
            flush=True,
        )
        return 143
    report(lab, before, time.monotonic() - started, rc)
    return rc


def report(lab: labs.Lab, before: dict[str, int], seconds: float, rc: int) -> None:
    """What it took, and what a newcomer can do next."""
    total = lab.chatlab("stats")["total"]
    took = {
        key: total.get(key, 0) - before.get(key, 0)
        for key in ("requests", "runspaces", "pipelines", "writes")
    }
    print(
        f"\nWhat it took: {seconds:.0f} s, {took['requests']} HTTP requests,"
        f" {took['runspaces']} runspaces, {took['pipelines']} pipelines,"
        f" {took['writes']} writes; {total.get('shells', 0)} runspaces are open now."
    )
    if rc == 0:
        where = "" if lab.inventory == "default" else f" {lab.inventory}"
        print(
            f"Run it again to see that nothing changes: ./run lab{where}\n"
            f"Look around: ./run chatlab state --name {lab.name}"
            f"   ./run chatlab journal --name {lab.name} --writes\n"
            f"Stop the lab: ./run lab{where} --down"
        )


if __name__ == "__main__":
    sys.exit(main())
