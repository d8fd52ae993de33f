from ledger.client.calls.stating import stated


def test_arguments_have_the_contracts_names_and_lists_are_lists():
    assert stated({"unset": ("poseLabel",), "score": None}, still_candidate_id="k") == {
        "stillCandidateId": "k",
        "unset": ["poseLabel"],
        "score": None,
    }
