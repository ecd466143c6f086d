#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: dr_plan
short_description: Name the situation, plan the way out, and say what it loses
version_added: 0.2.0
description:
  - A pure function of what M(lync.persistent_chat.dr_info) saw. Names the situation, plans every
    move from there to the goal, and says what would be lost.
  - Prints the plan as lines for people, at any verbosity, unless O(quiet=true). A refusal prints
    what was seen as well.
  - The plan is made of predicted states, move by move; when any move of it would be refused, the
    task refuses, so that nothing is begun that cannot be ended.
  - It goes on from any half-done state, also one that another run or another operator left. A
    failback also calls off a failover that has not recovered the
    backup copy.
  - Connects to nothing and changes nothing. The roles failover and failback carry the moves out.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
notes:
  - Refusal V(backup_unreachable) - the backup SQL Server does not answer. Without it nothing can be
    decided; make it answer.
  - Refusal V(no_backup_copy) - there is no copy of mgc on the backup SQL Server that follows the
    primary. Build it with the playbook site.
  - Refusal V(mirrored) - mgc on the backup SQL Server is a mirror and no log shipping secondary.
    Look at it.
  - Refusal V(primary_alive) - O(mode=disaster), but a copy is online in the primary site. Say
    O(mode=planned) to leave it without loss.
  - Refusal V(mirror_alive) - the mirror of the primary site answers; it holds more than was
    shipped. Use the playbook mirror_failover.
  - Refusal V(stopped_copy_holds_more) - a copy of the primary site that was stopped, or left by its
    principal, holds more than the backup copy can get, or nobody can tell whether it does. Bring
    the files back, or put that copy to work.
  - Refusal V(primary_seen) - the controller does not reach the primary site, but somebody else
    does. Run from where it can be reached.
  - Refusal V(primary_not_online) - O(mode=planned), but nothing is online in the primary site. Say
    O(mode=disaster) if the site is gone.
  - Refusal V(cms_lost) - the central management store does not answer. Move it, or let the run do
    it (O(move_cms=true)).
  - Refusal V(pool_not_found) - the published topology has no such pool. Correct the name.
  - Refusal V(intent_conflict) - somebody declared the other direction. Ask them;
    O(override_intent=true) takes over.
  - Refusals V(target_unreachable), V(not_mirrored), V(not_synchronized), V(principal_unreachable),
    V(partner_alive), V(mirror_behind) and V(failed_over) - of a
    mirror failover. The partner that is to be principal does not answer or has no session; the
    session is not SYNCHRONIZED; the principal does not answer and
    O(force=false); the mirror still sees it; the mirror lacks what was shipped already, or what its
    partner holds; the pool runs on its backup copy.
  - Refusals V(chain_gap), V(chain_fork), V(chain_damaged) and V(chain_unreadable) - the log cannot
    be followed to its end; C(loss) of the result says where it
    ends. Repair the files, or accept the loss with O(data_loss=accept).
  - Refusal V(share_gone) - the log share cannot be listed. Make it answer, or accept the loss with
    O(data_loss=accept).
  - Refusals V(loss_too_great) and V(loss_unknown) - more than O(max_data_loss) minutes would be
    lost, or nobody knows how many. Accept it with
    O(data_loss=accept).
  - Refusal V(position_unknown) - the position of the backup copy cannot be read. The account needs
    sysadmin.
  - Refusal V(split_brain) - both sites have an online copy, and servers accept clients. Decide by
    hand which copy stays.
  - Refusal V(plan_changed) - this plan has a one-way move, or a loss, that O(agreed) did not have.
    Look at the plan and confirm it anew.
  - Refusal V(primary_unreachable) - of a failback; the primary SQL Server does not answer. Bring
    the site back first.
  - Refusal V(failover_unfinished) - of a failback; a failover passed its one-way move and did not
    end. Finish it first.
  - Refusal V(no_copy_online) - of a failback; no copy is online and none was stopped by the
    collection. Use the playbook mirror_failover or failover.
  - Refusal V(mirror_is_principal) - of a failback; the mirror is the principal now. Switch roles
    first.
  - Failure V(no_progress) - the planner itself is wrong. Report it; nothing was changed.
options:
  document:
    description: The RV(lync.persistent_chat.dr_info#module:document).
    type: dict
    required: true
  target:
    description: Where the pool is to run - V(failover) on the backup copy, V(failback) on the
      primary one, protected as the playbook site builds it,
      V(mirror_failover) on the other partner of the primary pair.
    type: str
    choices: [failover, failback, mirror_failover]
    required: true
  mode:
    description: Of a failover, V(disaster) when the primary site is gone, V(planned) when it is
      alive and its last log is shipped.
    type: str
    choices: [disaster, planned]
    default: disaster
  order:
    description:
      - Of a failover and a failback. V(service) keeps the time short in which nobody can write.
        After a failover servers accept clients before the backup copy is mirrored; a failback seeds
        the primary while clients still write on the backup copy, and keeps them out for the tail of
        its log only.
      - V(documented) has the order of Microsoft's pages, in which clients wait for the mirror, or
        for the full backup and its restore.
    type: str
    choices: [service, documented]
    default: service
  id:
    description: Id of the attempt, 32 hexadecimal digits. By default that of the declared intent
      when it has the same target, else a new one.
    type: str
    default: ''
  operator:
    description: Who does this; others see it in the record.
    type: str
    default: ''
  active_failed_over:
    description: FQDNs of the servers that are to accept clients after a failover.
    type: list
    elements: str
    default: []
  active_normal:
    description: FQDNs of the servers that are to accept clients after a failback.
    type: list
    elements: str
    default: []
  max_data_loss:
    description: Minutes of writing that may be lost without O(data_loss=accept).
    type: int
    default: 30
  data_loss:
    description: Whether a loss above O(max_data_loss), an unknown one, or one that comes from a gap
      in the logs is accepted.
    type: str
    choices: [refuse, accept]
    default: refuse
  override_intent:
    description: Whether an operation in the other direction that somebody declared is called off.
    type: bool
    default: false
  move_cms:
    description: Whether a central management store that does not answer may be moved.
    type: bool
    default: false
  mirror_backup:
    description: Whether the backup copy gets a mirror after a failover, if the site has a second
      SQL Server.
    type: bool
    default: true
  to:
    description: Of a mirror failover, the partner that is to be the principal.
    type: str
    choices: [primary, mirror]
    default: mirror
  force:
    description: Of a mirror failover, whether service may be forced when the principal is gone. It
      loses what had not been sent.
    type: bool
    default: false
  unasked:
    description:
      - Inventory names of SQL Servers that are taken for lost although something there answers and
        refuses (a logon, a certificate, a proxy).
      - Refusal V(primary_refuses) names them. Only for a host of which you know that it is gone.
    type: list
    elements: str
    default: []
  agreed:
    description: What was confirmed - RV(moves), RV(loss) and RV(writable) of the plan that was
      shown. A plan with another one-way move or a greater loss is refused.
    type: dict
  done:
    description: The moves that this run has carried out, in their order, each with C(name),
      C(host), C(database) (of moves that name one), C(began) and C(ended) (in UTC). When nothing is
      left to do they tell how long nobody could write, RV(unwritable).
    type: list
    elements: dict
    default: []
  quiet:
    description: Whether the lines are only returned and not printed. A refusal is always printed.
    type: bool
    default: false
seealso:
  - module: lync.persistent_chat.dr_info
  - module: lync.persistent_chat.dr_intent
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: What would a failover do now?
  lync.persistent_chat.dr_plan:
    document: "{{ seen.document }}"
    target: failover
    active_failed_over: [chat-s1.contoso.example, chat-s2.contoso.example]
  register: plan

- name: Plan again after a while; refuse what was not agreed to
  lync.persistent_chat.dr_plan:
    document: "{{ seen_again.document }}"
    target: failover
    id: "{{ plan.id }}"
    active_failed_over: [chat-s1.contoso.example, chat-s2.contoso.example]
    agreed:
      moves: "{{ plan.moves }}"
      loss: "{{ plan.loss }}"
      writable: "{{ plan.writable }}"
    quiet: true
"""

RETURN = r"""
target:
  description: What was planned - V(failover), V(failback) or V(mirror_failover).
  returned: success and refusal
  type: str
  sample: failover
pool:
  description: FQDN of the pool.
  returned: success and refusal
  type: str
  sample: chat.contoso.example
situation:
  description: What was seen, by name; the operating guide lists them.
  returned: success and refusal
  type: dict
  sample: {name: PrimaryLost, text: No SQL Server of the primary pair answers.}
moves:
  description: Every move to the goal, in order. Empty when the goal is reached.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the move.
      type: str
      sample: recover_database
    host:
      description: Inventory name of the host that it is asked of; null when several take part.
      type: str
      sample: sql-s1.contoso.example
    why:
      description: The reason, in a sentence.
      type: str
      sample: Everything that can be applied is applied, up to LSN 37000000012600001; from here on
        sql-s1.contoso.example has the truth.
    one_way:
      description: Whether no plan leads back.
      type: bool
      sample: true
    args:
      description: What the move needs.
      type: dict
      sample: {expect_lsn: '37000000012600001', id: 5d3c2b1a09f84e7d8c6b5a4938271605}
  sample:
    - {name: recover_database, host: sql-s1.contoso.example, why: Everything that can be applied is
        applied., one_way: true, args: {}}
round:
  description: The moves up to the next one-way one, or that one alone. After each round the estate
    is looked at again.
  returned: success
  type: list
  elements: dict
  sample: []
loss:
  description: What is lost by it.
  returned: success, and refusals that are about a loss
  type: dict
  contains:
    minutes:
      description: Minutes of writing, 0 when nothing is lost, null when nobody knows.
      type: int
      sample: 12
    lsn:
      description: From this log sequence number on everything is lost. A string, because it is too
        large for many readers of JSON.
      type: str
      sample: '37000000012600001'
    last_log:
      description: The last usable log backup.
      type: str
      sample: '\\fs-s1.contoso.example\pchat-logs\mgc_20150601074500.trn'
    last_log_at:
      description: When it was begun, in UTC.
      type: str
      sample: '2015-06-01T07:45:00Z'
    unusable:
      description: Later files that cannot be used.
      type: list
      elements: str
      sample: []
    sentence:
      description: All this in a sentence.
      type: str
      sample: What was written from LSN 37000000012600001 on is lost, about 12 minutes.
  sample: {minutes: 0, lsn: null, last_log: null, last_log_at: null, unusable: [], sentence: Nothing
    is lost by this.}
first_one_way:
  description: The first move that no plan leads back from, null when there is none.
  returned: success
  type: dict
  sample: {name: recover_database, host: sql-s1.contoso.example}
id:
  description: Id of this attempt.
  returned: success
  type: str
  sample: 5d3c2b1a09f84e7d8c6b5a4938271605
intent:
  description: The declared intent, null when there is none.
  returned: success, and the refusal V(intent_conflict)
  type: dict
  sample: {target: failover, id: 5d3c2b1a09f84e7d8c6b5a4938271605, operator: ops, at:
    '2015-06-01T08:00:00Z'}
lines:
  description: What was seen and the plan, for people.
  returned: success and refusal
  type: list
  elements: str
  sample: ['PrimaryLost: No SQL Server of the primary pair answers.']
left_behind:
  description: What is not moved, in sentences.
  returned: success
  type: list
  elements: str
  sample: []
at:
  description: When the estate was looked at, RV(lync.persistent_chat.dr_info#module:document.now).
  returned: success
  type: str
  sample: '2015-06-01T08:00:00Z'
writable:
  description: Whether clients can write as things stand - servers accept them, and the copy that
    these use is open.
  returned: success
  type: bool
  sample: false
unwritable:
  description: How long nobody could write, as O(done) tells; null while something is left to do,
    and when clients could write all the time.
  returned: success
  type: dict
  contains:
    seconds:
      description: From the beginning of the move that kept clients out to the end of the one that
        let them in. Where nobody could write before, from the first move on.
      type: int
      sample: 14
    began:
      description: When that was, in UTC.
      type: str
      sample: '2015-06-01T08:00:04Z'
    ended:
      description: When servers accepted clients, in UTC.
      type: str
      sample: '2015-06-01T08:00:18Z'
    sentence:
      description: All this in a sentence.
      type: str
      sample: Nobody could write for 14 s, from fence to the end of set_active_servers.
  sample: null
code:
  description: Stable code of the refusal, see the notes.
  returned: failure
  type: str
  sample: primary_alive
"""
