"""The rules of transfers, as far as they need no telephone calls."""

from tests.trace.files import explained, transfers
from tests.trace.routing import TELEPHONE
from tests.trace.rules import rules_of

_rule = rules_of("routing")

TRANSFERS = (
    _rule("9.5", "sdk-test", "a start is told, and the task is reserved with one more offer",
        transfers("test_a_warm_transfer_offers_the_task_to_that_worker_and_leaves_the_first_where_it_is")),
    _rule("9.5", "sdk", "attributes and a priority may be sent along",
        transfers("test_attributes_and_priority_may_be_sent_along")),
    _rule("9.5", "inferred", "it starts from an accepted reservation, goes to nobody who has the task, and is "
        "its worker's to cancel", transfers("test_only_who_began_a_transfer_can_cancel_it",
            "test_who_has_a_task_can_not_be_handed_it_again")),
    _rule("9.5", "inferred", "the pauses after failed callbacks end with the transfer",
        transfers("test_a_transfer_begins_without_the_pauses_of_the_one_before")),
    _rule("9.5", "sdk-test", "to a worker who is not available nothing starts",
        transfers("test_what_cannot_be_transferred_is_refused_and_nothing_starts")),
    _rule("9.5", "sdk-test", "cold: who hands on is in after-work at once, and may be done with it before the task is",
        transfers("test_a_cold_transfer_sends_the_first_worker_into_after_work_and_lets_it_finish",
            "test_when_only_after_work_is_left_the_task_is_in_after_work")),
    _rule("9.5", "sdk-test", "meanwhile the task can be neither wrapped nor completed",
        transfers("test_while_it_is_transferred_a_task_can_be_neither_wrapped_nor_completed")),
    _rule("9.5", "sdk-test", "an acceptance completes it; whoever leaves last takes the task along",
        transfers("test_acceptance_completes_it_and_both_have_the_task_until_each_has_left")),
    _rule("9.5", "sdk-test", "to a worker it fails with the offer; the task is assigned to whoever still has it",
        transfers("test_to_a_worker_it_fails_with_the_one_offer_and_the_task_is_back")),
    _rule("9.5", "inferred", "with nobody left, the task waits again in its queue; without one it is canceled",
        transfers("test_with_nobody_left_a_failed_transfer_puts_the_task_back_into_its_queue",
            "test_a_direct_task_that_nobody_has_any_longer_is_canceled")),
    _rule("9.5", "sdk-test", "to a queue a failed attempt leaves it under way, and others are asked",
        transfers("test_to_a_queue_others_are_asked_until_one_accepts")),
    _rule("9.5", "sdk-test", "cold to a queue, it may be offered back to who handed it on",
        transfers("test_a_queue_may_offer_it_back_to_the_one_who_handed_it_on")
        + explained("test_a_task_that_is_handed_on_waits_where_it_was_sent")),
    _rule("9.5", "sdk-test", "canceled, the task stays with the first worker; canceling twice is refused",
        transfers("test_canceled_it_leaves_the_task_with_the_first_worker_and_in_its_queue")),
    _rule("9.5", "sdk-test", "a task that is canceled meanwhile cancels the offer; the transfer is left as it was",
        transfers("test_canceling_the_task_ends_everybodys_part_and_the_transfer"),
        differs="the transfer is canceled too: that it is not is a known defect"),
    _rule("9.5", "inferred", "a transfer goes by no filters, and a direct task goes where it is transferred",
        transfers("test_a_direct_task_goes_where_it_is_transferred")),
    _rule("9.5", "sdk-test", "the customer is on hold meanwhile", later=TELEPHONE),
)  # fmt: skip
