from ledger.domain.jobs.refusals import AttemptNotStarted, CallbackUnknown, JobNotDue, JobNotFound


def test_each_names_its_field_and_what_is_wrong_with_it():
    assert "'v1-j9'" in JobNotFound("v1-j9").message
    assert "is running, and cannot be started now" in JobNotDue("v1-j2", "running").message
    assert AttemptNotStarted("v1-j2", 4).message == "attempt: the job 'v1-j2' has had no attempt 4 so far"
    for refusal in (
        JobNotFound("v1-j9"),
        JobNotDue("v1-j2", "running"),
        AttemptNotStarted("v1-j2", 4),
        CallbackUnknown(),
    ):
        assert refusal.message.startswith(f"{refusal.detail['field']}: ")


def test_a_forged_callback_is_told_nothing_about_its_token():
    assert CallbackUnknown().code == "unauthorized"
    assert CallbackUnknown().detail == {"field": "token"}
