"""What recordings of the service show of routing: versions, the order of events, refusals. And our own decisions."""

from tests.trace.files import (
    configuration,
    ended,
    explained,
    kinds,
    linted,
    of_expressions,
    of_reservations,
    of_the_model,
    of_workflows,
    order,
    quickstart,
    reservations,
    rules,
    tasks,
    travel,
    workers,
)
from tests.trace.routing import TELEPHONE
from tests.trace.rules import rules_of

_wire = rules_of("wire")
_ours = rules_of("design")

RECORDINGS = (
    _wire("1", "observed", "numbers as strings, explicit nulls and capitals are accepted in a configuration",
        rules("test_numbers_may_be_strings_nulls_or_empty", "test_filters_and_default_filter_may_be_missing_or_null",
            "test_task_queue_sid_and_capitals_are_understood_and_the_new_spelling_wins")),
    _wire("3", "observed", "a task's version is 0 at first; one more for each update, for an offer, however many "
        "workers, an acceptance, wrapping, an end, and for coming back",
        reservations("test_an_offer_raises_the_versions_of_task_and_worker_and_starts_at_zero",
            "test_max_reserved_workers_offers_are_one_round_with_one_version",
            "test_the_task_is_pending_again_only_when_the_last_offer_has_ended")
        + tasks("test_completing_ends_the_reservation_too_and_frees_the_worker",
            "test_canceling_a_reserved_task_cancels_its_offer_first")),
    _wire("3", "observed", "a reservation's version is 0 at first, 1 accepted, canceled or rescinded, 2 wrapping, "
        "3 completed",
        tasks("test_wrapping_by_the_task_keeps_capacity_and_tells_the_reason",
            "test_completing_ends_the_reservation_too_and_frees_the_worker")
        + reservations("test_first_accept_wins_and_the_rest_are_rescinded")),
    _wire("3", "observed", "a worker's version is 1 at first; one more for its activity, its attributes and each offer",
        of_the_model("test_a_workers_version_grows_with_an_offer_but_with_no_answer_to_it")
        + workers("test_an_update_of_everything_is_three_events_and_three_versions")),
    _wire("3", "observed", "the date of entering a queue stays when a match gives the same one",
        travel("test_the_date_of_entering_stays_where_the_queue_stays")),
    _wire("3", "observed", "a match tells the filter's name and expression and the target's",
        travel("test_a_target_names_the_filter_and_its_expressions")),
    _wire("3", "observed", "after an update it says attribute_update and names queue and priority from before",
        travel("test_new_attributes_lead_a_pending_task_through_its_workflow_again")
        + of_workflows("test_a_move_between_queues_names_the_one_before_and_the_priority_then")),
    _wire("3", "observed", "after a canceled offer it says reservation_canceled",
        of_workflows("test_a_match_after_an_offer_says_why")
        + reservations("test_failed_callbacks_pause_the_task_for_a_time_that_doubles")),
    _wire("3", "observed", "who accepts without changing activity spent 0 in the one before",
        reservations("test_first_accept_wins_and_the_rest_are_rescinded")),
    _wire("4.1", "observed", "a creation, its match, its workflow and its queue are told at once",
        tasks("test_a_new_task_names_its_queue_from_the_start")),
    _wire("4.2", "observed", "an offer follows the match; an acceptance brings no task.updated",
        reservations("test_first_accept_wins_and_the_rest_are_rescinded")),
    _wire("4.3", "observed", "a conference writes into the attributes between offer and acceptance", later=TELEPHONE),
    _wire("4.4", "observed", "wrapping: reservation.wrapup and task.wrapup, then task.updated with the reason",
        tasks("test_wrapping_by_the_task_keeps_capacity_and_tells_the_reason")),
    _wire("4.5", "observed", "completing: task.completed and reservation.completed, then task.updated",
        tasks("test_completing_ends_the_reservation_too_and_frees_the_worker")),
    _wire("4.6", "observed", "canceling: reservation.canceled with code 0, task.canceled, task.updated",
        tasks("test_canceling_a_reserved_task_cancels_its_offer_first")),
    _wire("4.7", "observed", "an offer whose call is not taken is canceled with 45303 and made again", later=TELEPHONE),
    _wire("4.7", "observed", "a task that comes back is matched again, with the reason, before the next offer",
        reservations("test_an_offer_lapses_and_moves_the_worker_to_the_timeout_activity")
        + travel("test_an_offer_that_ends_within_the_targets_time_stays_in_it")),
    _wire("4.8", "observed", "rescinded offers come before the acceptance and show the task as it was",
        reservations("test_first_accept_wins_and_the_rest_are_rescinded")),
    _wire("4.9", "observed", "completed tasks answer 404 after about five minutes",
        ended("test_a_task_vanishes_at_its_time_and_its_reservations_with_it")),
    _wire("6", "observed", "the words that refuse to complete, wrap or cancel a task",
        tasks("test_moves_that_the_state_does_not_allow_are_refused_in_the_recorded_words")),
    _wire("6", "observed", "the words that refuse a second queue of a name",
        configuration("test_names_are_given_once")),
    _wire("6", "observed", "the words that refuse a reservation's move, and an instruction after its time",
        reservations("test_a_move_that_the_state_does_not_allow_is_refused_in_the_recorded_words",
            "test_instructions_look_at_the_task_the_worker_and_the_state")),
    _wire("6", "observed", "while a conference is set up no timeout runs", later=TELEPHONE),
    _wire("8.4", "observed", "spellings of expressions in the wild",
        of_expressions("test_keywords_may_have_any_case",
            "test_names_go_into_objects_and_arrays_and_what_is_missing_is_null",
            "test_an_array_operator_without_an_array_is_false",
            "test_a_prefix_is_understood_where_a_bare_name_means_the_same")),
    _wire("8.6", "observed", "a filter's name as filterFriendlyName, a capital Expression in the default filter",
        rules("test_a_filters_name_has_several_spellings",
            "test_task_queue_sid_and_capitals_are_understood_and_the_new_spelling_wins")),
    _wire("8.9", "observed", "any new attributes of a pending task match it again, even equal ones; of a reserved one "
        "there is task.updated alone",
        travel("test_even_equal_attributes_match_again",
            "test_a_reserved_task_stays_and_starts_again_once_it_is_pending")),
    _wire("8.10", "observed", "dequeue and conference write into the task's attributes", later=TELEPHONE),
)  # fmt: skip

DECISIONS = (
    _ours("7", "ours", "after both callback URLs failed the offer is canceled and the task rests: 1 second, doubling "
        "to 60",
        reservations("test_failed_callbacks_pause_the_task_for_a_time_that_doubles",
            "test_a_paused_task_is_offered_to_nobody_but_its_targets_time_goes_on")
        + quickstart("test_if_the_fallback_fails_too_the_task_is_offered_again_after_a_pause")
        + explained("test_a_pause_after_failed_callbacks_is_told", "test_what_comes_next_is_the_end_of_a_pause")),
    _ours("7", "ours", "the answer to creating a task shows it as its event does: pending, version 0",
        tasks("test_a_new_task_names_its_queue_from_the_start")),
    _ours("7", "ours", "equal attributes leave a worker's version alone; an update raises a task's always",
        workers("test_equal_attributes_change_nothing") + tasks("test_an_update_always_raises_the_version")),
    _ours("7", "ours", "attributes come back compact, with the order of their keys",
        kinds("test_attributes_keep_their_meaning")),
    _ours("7", "ours", "a queue without reservation or assignment activity leaves the worker's alone; a worker has one "
        "live reservation without multitasking; with it, activities move after a timeout alone",
        of_the_model("test_activities_move_by_themselves_after_a_timeout_alone")
        + reservations("test_single_tasking_never_gives_a_worker_two_live_reservations")),
    _ours("7", "ours", "no filter matches, no default filter: 400 for a new task; in mid-life workflow.timeout and "
        "canceled",
        travel("test_a_task_with_nowhere_to_go_is_refused", "test_new_attributes_that_fit_nowhere_cancel_the_task")),
    _ours("7", "ours", "after a reject nobody is excluded; who rejected stands last",
        order("test_a_rejecter_stands_last_and_is_asked_again_if_alone")),
    _ours("7", "ours", "an accept of a rescinded offer is 410, of any other that is not pending 400",
        of_reservations("test_only_a_late_accept_of_a_rescinded_offer_is_gone")
        + reservations("test_a_late_accept_of_a_rescinded_reservation_says_so")),
    _ours("7", "ours", "a timeout in the default filter is without effect, and so is skip_if: nothing lies behind it",
        rules("test_the_default_filters_timeout_has_no_effect")
        + of_workflows("test_in_the_default_filter_a_task_waits_to_the_end_of_its_life")
        + linted("test_a_default_filter_cancels_nothing_whatever_it_skips")),
)  # fmt: skip
