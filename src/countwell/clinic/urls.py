"""The addresses. None holds a name, a birth date or a value; `pid` is a random public id."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery
from django.urls import path

from countwell.clinic.pages import (
    accounts,
    asked,
    charts,
    chase,
    decisions,
    hand_over,
    held,
    home,
    letters,
    look,
    plan,
    refusals,
    stops,
    today,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("status", home.status, name="status"),
    path("look/<slug:wanted>.css", look.look, name="look"),
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("sign-in/again", account.reauthenticate, name="account_reauthenticate"),
    path("sign-in/second-step", second_step.authenticate, name="mfa_authenticate"),
    path("sign-in/second-step/again", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("my-account", second_step.index, name="mfa_index"),
    path("my-account/second-step", accounts.second_step, name="mfa_activate_totp"),
    path("my-account/recovery-codes", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("my-account/recovery-codes/new", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("today", today.today, name="today"),
    path("today/new", today.news, name="today-new"),
    path("today/calls", chase.calls, name="calls"),
    path("today/repeats", chase.repeats, name="repeats"),
    path("patients/<slug:pid>/contact", chase.contact, name="contact"),
    path("patients/<slug:pid>/own", today.own, name="own"),
    path("patients/<slug:pid>/told", today.told, name="told"),
    path("patients/<slug:pid>/undo/<int:number>", today.undo, name="undo"),
    path("patients/<slug:pid>", charts.chart, name="chart"),
    path("patients/<slug:pid>/stop", stops.stop, name="stop"),
    path("patients/<slug:pid>/plan", plan.plan, name="plan"),
    path("patients/<slug:pid>/plan/new-step", plan.new_step, name="new-step"),
    path("patients/<slug:pid>/plan/signed-step", plan.signed_step, name="signed-step"),
    path("patients/<slug:pid>/plan/proposals/<int:number>", plan.sign_proposal, name="sign-proposal"),
    path("patients/<slug:pid>/decisions", decisions.decisions, name="decisions"),
    path("patients/<slug:pid>/decisions/<int:number>", decisions.decision, name="decision"),
    path("patients/<slug:pid>/asked", asked.asked, name="asked"),
    path("patients/<slug:pid>/asked/telephone", asked.telephone, name="telephone"),
    path("patients/<slug:pid>/asked/<slug:name>", asked.question, name="question"),
    path("patients/<slug:pid>/release", asked.release, name="release"),
    path("patients/<slug:pid>/hand-over", hand_over.hand_over, name="hand-over"),
    path("patients/<slug:pid>/hand-over/answer", hand_over.answer, name="hand-over-answer"),
    path("patients/<slug:pid>/pause", hand_over.pause, name="pause"),
    path("patients/<slug:pid>/transfer-out", hand_over.transfer_out, name="transfer-out"),
    path("patients/<slug:pid>/died", hand_over.died, name="died"),
    path("patients/<slug:pid>/missing", hand_over.missing, name="missing"),
    path("patients/<slug:pid>/no-plan", hand_over.no_plan, name="no-plan"),
    path("patients/<slug:pid>/letters", letters.letters, name="letters"),
    path("patients/<slug:pid>/letters/<int:number>", letters.letter, name="letter"),
    path("patients/<slug:pid>/letters/<int:number>/send", letters.send, name="letter-send"),
    path("letters", letters.outbox, name="outbox"),
    path("take-on", hand_over.take_on, name="take-on"),
    path("today/untracked", hand_over.untracked, name="untracked"),
    path("held", held.held, name="held"),
    path("held/settled", held.settled, name="held-settled"),
    path("held/<int:number>", held.message, name="held-message"),
    path("held/<int:number>/second", held.second, name="held-second"),
    path("break-glass", charts.break_glass, name="break-glass"),
]
handler404 = refusals.not_there
handler500 = refusals.fault
