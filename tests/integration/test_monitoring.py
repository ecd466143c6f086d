"""What status.yml writes for monitoring, on an estate and when nobody can look at it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from support.outage import ANSWERS


def state_of(file):
    families = text_string_to_metric_families(file.read_text(encoding="utf-8"))
    (state,) = [family for family in families if family.name == "pchat_check_state"]
    return state.samples[0].value


def test_the_line_and_the_metrics_are_written_and_say_so_when_nobody_could_look(
    built_lab, tmp_path
):
    line = tmp_path / "pchat.check"
    metrics = tmp_path / "pchat.prom"
    to = ("-e", f"status_check={line}", "-e", f"status_metrics={metrics}", *ANSWERS)
    run = built_lab.play("status", *to)
    assert run.rc == 0, run.output[-2000:]
    assert line.read_text(encoding="utf-8").startswith("OK - chat.contoso.example: Healthy. | ")
    assert state_of(metrics) == 0
    wrong = built_lab.play("status", *to, "-e", "status_query=warnings[")
    assert wrong.rc == 2
    assert "nobody could look: " in line.read_text(encoding="utf-8")
    assert state_of(metrics) == 3
