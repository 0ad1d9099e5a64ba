"""The rules of routing: workspaces and what is in them, tasks, reservations, workflows, expressions, order."""

from tests.trace.files import (
    census,
    clock,
    configuration,
    contexts,
    ended,
    errors,
    explained,
    explained_workers,
    figures,
    figures_beside_a_plain_look,
    figures_by_hand,
    kinds,
    library,
    linted,
    lists,
    membership,
    of_expressions,
    of_order,
    of_reservations,
    of_tasks,
    of_the_model,
    of_values,
    of_workflows,
    operators,
    order,
    ordering,
    path,
    quickstart,
    replies,
    reservations,
    rules,
    runtime,
    simulation,
    tasks,
    transfers,
    travel,
    workers,
)
from tests.trace.rules import rules_of

_rule = rules_of("routing")
TELEPHONE = "it needs telephone calls"
DEBUGGER = "there is no log of warnings for applications yet"

MODEL = (
    _rule("1.1", "oai", "nothing is shared between workspaces",
        of_the_model("test_what_is_in_one_workspace_is_not_in_another")),
    _rule("1.1", "oai", "a workspace that has multitasking never gives it up again; turning it on is allowed",
        reservations("test_turning_multitasking_on_frees_workers_for_more"),
        differs="TaskRouter refuses only where the account has another single-tasking workspace, or is a Flex project; "
        "here it is refused always, since capacity in use could not be undone"),
    _rule("1.1", "oai", "MultiTaskEnabled is true unless it is said otherwise, which may be said at creation",
        configuration("test_a_new_workspace_has_activities_and_five_channels")),
    _rule("1.1", "docs: multitasking", "capacities are kept while there is no multitasking",
        of_the_model("test_capacities_are_remembered_while_multitasking_is_off")),
    _rule("1.1", "oai", "the template FIFO brings a queue and a workflow into it, NONE nothing",
        configuration("test_the_fifo_template_brings_a_queue_and_a_workflow",
            "test_a_new_workspace_has_activities_and_five_channels")),
    _rule("1.1", "code: event payloads + sdk-test", "they are Sample Queue, of everybody, and Default Fifo Workflow",
        configuration("test_the_fifo_template_brings_a_queue_and_a_workflow")),
    _rule("1.1", "inferred", "PrioritizeQueueOrder is FIFO at first",
        configuration("test_a_new_workspace_has_activities_and_five_channels")),
    # 1.2
    _rule("1.2", "docs: activity + oai", "an activity is available or not for life",
        of_the_model("test_an_activity_is_available_or_not_for_life")),
    _rule("1.2", "docs: activity + oai", "at most 100 activities, their names of up to 64 characters",
        configuration("test_there_are_limits_to_how_many") + of_values("test_a_name_has_up_to_64_characters")),
    _rule("1.2", "oai", "of Available, true, 1 and yes are true and all else is false",
        of_values("test_true_one_and_yes_mean_available")),
    _rule("1.2", "docs: activity", "a new workspace has Offline, Unavailable and Available; only the last is available",
        configuration("test_a_new_workspace_has_activities_and_five_channels")),
    _rule("1.2", "sdk-test", "the template adds no activity",
        configuration("test_the_fifo_template_brings_a_queue_and_a_workflow")),
    _rule("1.2", "inferred", "without multitasking they are Offline, Idle, Busy and Reserved",
        configuration("test_a_new_workspace_has_activities_and_five_channels")),
    _rule("1.2", "docs: activity", "Offline is the default activity and the timeout activity",
        configuration("test_a_new_workspace_has_activities_and_five_channels")),
    _rule("1.2", "inferred", "an activity that is used, or is one of those two, can't be deleted",
        configuration("test_an_activity_in_use_cant_be_deleted")),
    # 1.3
    _rule("1.3", "oai", "names of workers are unique without case, of up to 64 characters",
        workers("test_names_of_workers_are_unique_without_case",
            "test_a_worker_may_take_another_case_of_its_own_name_and_free_its_old_one")
        + of_values("test_a_name_has_up_to_64_characters")),
    _rule("1.3", "docs: limits + oai", "attributes are a JSON object, {} at first, of up to 4,096 characters",
        of_values("test_attributes_are_an_object_of_up_to_4096_characters_blanks_too")),
    _rule("1.3", "docs: worker", "values in attributes are of any JSON type",
        kinds("test_attributes_keep_their_meaning")),
    _rule("1.3", "docs: worker", "contact_uri is where a worker is called, unless the instruction says",
        reservations("test_instructions_look_at_the_task_the_worker_and_the_state")),
    _rule("1.3", "oai", "a new worker is in the activity that is named, else in the default one",
        workers("test_a_new_worker_starts_in_the_default_activity")),
    _rule("1.3", "docs: worker + docs: limits", "at most 15,000 workers",
        configuration("test_there_are_limits_to_how_many")),
    _rule("1.3", "oai", "date_status_changed is when the activity changed last",
        of_the_model("test_the_date_of_a_workers_status_is_that_of_its_last_activity")),
    _rule("1.3", "sdk + sdk-test", "a worker's version grows with its attributes, activity, channels and offers, not "
        "with a reject nor with equal attributes",
        of_the_model("test_a_workers_version_grows_with_an_offer_but_with_no_answer_to_it")
        + workers("test_capacity_and_availability_have_an_event_each_and_raise_the_version_each",
            "test_equal_attributes_change_nothing")),
    _rule("1.3", "inferred", "a worker with live reservations can't be deleted",
        workers("test_a_worker_at_work_cant_be_deleted", "test_a_deleted_workers_offers_are_canceled_and_go_to_others")
        + transfers("test_the_offer_of_a_deleted_worker_fails_the_transfer"),
        differs="one with pending offers alone can, whatever its activity: they are canceled and go to others, so "
        "that nobody who left can hold up a task"),
    # 1.4
    _rule("1.4", "docs: multitasking + sdk-test", "there are the channels default, voice, sms, chat and video",
        configuration("test_a_new_workspace_has_activities_and_five_channels")),
    _rule("1.4", "docs: multitasking", "a unique name can stand in an expression: letters, digits, _ and $, no digit "
        "first", of_values("test_a_channels_unique_name_is_a_name_of_the_expression_language")),
    _rule("1.4", "oai", "a unique name stays", of_the_model("test_a_channel_keeps_its_unique_name")),
    _rule("1.4", "docs: multitasking + oai", "a task's channel is named by sid or unique name; else it is default",
        of_the_model("test_a_tasks_channel_is_named_by_sid_or_unique_name_and_else_the_default_one")),
    _rule("1.4", "docs: multitasking + oai", "`<Enqueue>` makes tasks of the channel voice", later=TELEPHONE),
    _rule("1.4", "sdk-test", "every worker has a channel for each task channel: capacity 1, available",
        workers("test_a_worker_has_a_channel_for_each_task_channel_whichever_came_first")),
    _rule("1.4", "oai", "capacity 0, or a channel that is not available, gets nothing new",
        workers("test_a_channel_without_capacity_or_not_available_gets_nothing_until_it_has")),
    _rule("1.4", "docs: multitasking", "pending, accepted and wrapping reservations take capacity, of which the "
        "percentage left is rounded down",
        workers("test_pending_accepted_and_wrapping_reservations_take_capacity",
            "test_the_free_capacity_is_a_percentage_rounded_down")),
    _rule("1.4", "sdk-test", "capacity 3 and more tasks: three offers at once",
        workers("test_pending_accepted_and_wrapping_reservations_take_capacity")),
    _rule("1.4", "docs: multitasking", "assigned_tasks counts what is accepted; wrapping leaves it and keeps capacity",
        workers("test_pending_accepted_and_wrapping_reservations_take_capacity")
        + tasks("test_wrapping_by_the_task_keeps_capacity_and_tells_the_reason")),
    _rule("1.4", "conflict", "the percentage follows the formula, not the worked example of the FAQ",
        workers("test_the_free_capacity_is_a_percentage_rounded_down")),
    _rule("1.4", "docs: multitasking", "channels don't count against one another",
        workers("test_channels_are_independent")),
    _rule("1.4", "inferred", "of capacity 0, or of less than is used, 0 percent are left",
        workers("test_the_free_capacity_is_a_percentage_rounded_down")),
    _rule("1.4", "inferred", "lowering capacity leaves live reservations alone",
        of_reservations("test_live_reservations_are_untouched_by_changes_of_worker_and_queue")),
    # 1.5
    _rule("1.5", "docs: task-queue + docs: activity", "without multitasking an offer brings its worker to the queue's "
        "reservation activity, an acceptance to its assignment activity; completing leaves it there",
        reservations("test_single_tasking_moves_workers_to_reserved_and_busy_and_leaves_them_there")),
    _rule("1.5", "conflict + inferred", "the activity decides who is asked, and nobody has two pending offers",
        reservations("test_single_tasking_never_gives_a_worker_two_live_reservations"),
        differs="nobody has two live reservations either: the stricter of the two sources, since one task at a time is "
        "what the mode is for"),
    _rule("1.5", "docs: activity + docs: multitasking", "with multitasking those two activities are without effect",
        reservations("test_multitasking_ignores_reservation_and_assignment_activities")),
    # 1.6
    _rule("1.6", "oai", "a queue is of everybody, offers a task to one worker and serves the oldest first, unless it "
        "is told otherwise",
        of_the_model("test_a_queue_takes_everybody_offers_to_one_and_serves_the_oldest_unless_told_otherwise")),
    _rule("1.6", "oai", "an empty expression is of nobody; what is in such a queue waits until it is moved",
        of_the_model("test_in_a_queue_with_an_empty_expression_tasks_wait_until_moved")
        + membership("test_a_queue_has_the_workers_that_its_expression_matches_in_any_activity")
        + contexts("test_an_empty_queue_expression_matches_nobody")),
    _rule("1.6", "oai", "MaxReservedWorkers is from 1 to 50", of_values("test_numbers_have_their_ranges")),
    _rule("1.6", "docs: task-queue", "at most 5,000 queues", configuration("test_there_are_limits_to_how_many")),
    _rule("1.6", "docs: workflows-and-assignment", "in a queue is whoever its expression matches, in any activity",
        membership("test_a_queue_has_the_workers_that_its_expression_matches_in_any_activity")
        + explained_workers("test_not_in_the_queue_says_which_comparison_of_the_queue_decides")),
    _rule("1.6", "docs: task-queue + support: Managing TaskRouter Workflows", "a queue can't be deleted while a "
        "workflow may send tasks there, or an older version of one that waiting tasks follow",
        configuration("test_a_queue_in_use_cant_be_deleted", "test_a_queue_with_tasks_cant_be_deleted"),
        differs="nor while tasks are being worked on in it"),
    _rule("1.6", "oai + docs: task-queue", "lists tell the workers of a queue, the queues of a worker, and the queues "
        "that a worker of given attributes would be in",
        lists("test_a_queue_and_its_expression_find_the_same")
        + library("test_every_filter_of_a_list_is_seen_to_matter")),
    # 1.7
    _rule("1.7", "docs: limits", "a task's attributes have up to 4,096 characters",
        of_values("test_attributes_are_an_object_of_up_to_4096_characters_blanks_too")),
    _rule("1.7", "docs: limits + inferred", "a configuration has up to a mebibyte",
        of_values("test_a_configuration_may_have_a_mebibyte")),
    _rule("1.7", "oai + docs: limits", "a task lives 86,400 seconds, or up to 1,209,600",
        of_values("test_numbers_have_their_ranges")
        + tasks("test_a_new_task_names_its_queue_from_the_start")
        + of_workflows("test_a_target_without_a_timeout_is_left_at_the_end_of_the_tasks_life_alone")),
    _rule("1.7", "docs: limits + docs: task state", "an assigned or wrapping task is removed after 24 hours",
        tasks("test_an_assigned_task_lives_for_24_hours_from_its_acceptance")
        + reservations("test_an_accepted_reservation_lapses_no_more")),
    _rule("1.7", "oai", "an offer stands for 120 seconds, or up to 86,400",
        of_values("test_numbers_have_their_ranges")
        + reservations("test_an_offer_lapses_and_moves_the_worker_to_the_timeout_activity")),
    _rule("1.7", "docs: limits", "after 1,000 rounds a task is canceled; several offers at once are one",
        tasks("test_after_so_many_rounds_a_task_is_canceled")
        + of_tasks("test_offers_to_several_workers_count_as_one_round")),
    _rule("1.7", "oai", "a priority is from 0 to 2,147,483,647, and 0 at first",
        of_values("test_numbers_have_their_ranges") + tasks("test_a_new_task_names_its_queue_from_the_start")),
    _rule("1.7", "docs: limits", "at most 100 calls wait in a workflow", later=TELEPHONE),
)  # fmt: skip

TASKS = (
    _rule("2", "docs: changelog", "a status may be written in any case", of_values("test_a_status_may_have_any_case")),
    _rule("2.1", "docs: task state + code: payload", "a new task is in its first target at once, and its creation "
        "names the queue", tasks("test_a_new_task_names_its_queue_from_the_start")),
    _rule("2.1", "docs: task state", "pending, reserved while an offer is open, assigned by an acceptance, pending "
        "again when the last offer ends without",
        of_tasks("test_a_task_goes_from_pending_to_reserved_and_back_and_to_assigned")),
    _rule("2.1", "docs: task state", "canceled from pending and reserved; wrapping from assigned; completed from both "
        "of those", of_tasks("test_a_task_may_make_these_moves_and_no_others")),
    _rule("2.1", "inferred", "canceling what is assigned is refused",
        of_tasks("test_a_task_may_make_these_moves_and_no_others")
        + tasks("test_moves_that_the_state_does_not_allow_are_refused_in_the_recorded_words")),
    _rule("2.1", "sdk-test", "completing or wrapping what is not assigned is refused; wrapping becomes completed",
        of_tasks("test_a_task_may_make_these_moves_and_no_others")),
    _rule("2.1", "docs: task state + docs: twiml-queue-calls", "the end of a call wraps up or completes its task, "
        "and a caller who hangs up cancels it", later=TELEPHONE),
    _rule("2.1", "docs: limits", "a task that was assigned for 24 hours is deleted by the system",
        tasks("test_an_assigned_task_lives_for_24_hours_from_its_acceptance")),
    _rule("2.1", "docs: event reference", "a task may be deleted in any state",
        tasks("test_a_task_may_be_deleted_in_any_state")),
    _rule("2.1", "docs: task state + support: Stuck Voice Tasks", "an ended task can be read for five minutes more",
        ended("test_a_task_vanishes_at_its_time_and_its_reservations_with_it")
        + runtime("test_an_ended_task_leaves_memory_and_is_still_answered_for")),
    _rule("2.1", "docs: event reference", "its removal then is no event",
        of_tasks("test_an_ended_task_stays_ended_and_time_alone_makes_no_event_of_it")),
    _rule("2.1", "conflict", "task.system-deleted is for the 24 hours alone",
        tasks("test_an_assigned_task_lives_for_24_hours_from_its_acceptance")),
    _rule("2.1", "sdk-test + docs: js-sdk-v1", "no reason is needed; one that is given stays with the task",
        of_tasks("test_a_reason_is_never_required") + tasks("test_a_reason_may_be_given_without_a_move",
            "test_wrapping_by_the_task_keeps_capacity_and_tells_the_reason")),
    _rule("2.1", "inferred", "attributes that come with wrapping or completed are left out, or refused",
        tasks("test_status_and_attributes_may_come_together"),
        differs="they are taken: what was sent should not be lost"),
    _rule("2.1", "docs: task + oai", "If-Match with another version is refused with 412; without it nothing is asked",
        tasks("test_another_version_than_the_callers_is_refused")
        + workers("test_another_version_than_the_callers_is_refused")
        + reservations("test_another_version_than_the_callers_is_refused")),
    _rule("2.1", "oai", "priority, channel and virtual start may be changed; such a priority holds until a target has "
        "its own",
        of_tasks("test_a_priority_given_by_an_update_holds_until_a_target_with_its_own")
        + order("test_priority_and_virtual_start_time_reorder_a_waiting_task")
        + tasks("test_a_changed_channel_checks_capacity_there")
        + transfers("test_a_task_that_changes_its_channel_takes_its_reservations_along")),
    # 2.2
    _rule("2.2", "oai", "the reason at the end of its life: Task TTL Exceeded",
        tasks("test_time_to_live_runs_from_creation_while_pending_or_reserved")),
    _rule("2.2", "code", "the reason after too many rounds names both limits",
        tasks("test_after_so_many_rounds_a_task_is_canceled")),
    _rule("2.2", "sdk-test fixture", "the reason of a direct task that could not be reserved",
        tasks("test_a_direct_task_that_cant_be_reserved_in_time_fails")),
    _rule("2.2", "sdk-test", "the reason of a direct task whose worker did not take it",
        tasks("test_a_direct_task_is_not_offered_again")),
    _rule("2.2", "inferred", "reasons at the end of a workflow: Workflow timed out, Workflow skipped",
        travel("test_target_timeouts_are_cumulative_and_the_last_leads_out",
            "test_skipped_without_a_default_filter_a_task_is_canceled")),
    _rule("2.2", "inferred", "the reason when a caller hung up: hangup", later=TELEPHONE),
    # 2.3
    _rule("2.3", "sdk-test", "canceling a task cancels its offers, which show it canceled already",
        tasks("test_canceling_a_reserved_task_cancels_its_offer_first")),
    _rule("2.3", "sdk-test + docs: event reference", "completing a task completes its reservations",
        tasks("test_completing_ends_the_reservation_too_and_frees_the_worker")),
    _rule("2.3", "sdk-test", "deleting an assigned task completes its reservation",
        tasks("test_a_task_may_be_deleted_in_any_state")
        + transfers("test_deleting_the_task_ends_everybodys_part_and_the_transfer")),
    _rule("2.3", "inferred", "deleting a reserved one cancels its offers",
        tasks("test_a_task_may_be_deleted_in_any_state")),
    _rule("2.3", "sdk", "wrapping a task wraps its reservation",
        tasks("test_wrapping_by_the_task_keeps_capacity_and_tells_the_reason")),
    _rule("2.3", "sdk-test", "wrapping or completing the last live reservation does so to its task",
        tasks("test_a_reservations_end_is_its_tasks")),
    _rule("2.3", "inferred", "the time to live runs from creation, whatever moves the task, until it "
        "is assigned",
        of_tasks("test_the_time_to_live_runs_on_over_rejects_and_moves_and_ends_with_the_acceptance",
            "test_an_offer_cant_be_accepted_past_its_tasks_time")
        + tasks("test_time_to_live_runs_from_creation_while_pending_or_reserved")),
    _rule("2.3", "inferred", "the offers' events come before the task's",
        tasks("test_canceling_a_reserved_task_cancels_its_offer_first")),
)  # fmt: skip

RESERVATIONS = (
    _rule("3", "sdk", "rejected, timeout, canceled, rescinded and completed are the ends",
        of_reservations("test_five_statuses_end_a_reservation")),
    _rule("3.1", "docs: task-queue + docs: handle-assignment-callbacks", "an acceptance by REST or by the reply to a "
        "callback assigns the task",
        reservations("test_first_accept_wins_and_the_rest_are_rescinded",
            "test_an_instruction_decides_over_a_status")
        + quickstart("test_the_callback_accepts_and_the_task_is_assigned_at_once")),
    _rule("3.1", "docs: task-queue + docs: handle-assignment-callbacks", "dequeue, conference, call and redirect "
        "accept by what becomes of the call", later=TELEPHONE),
    _rule("3.1", "docs: reservations", "a reject makes the task pending and has it matched at once; the worker goes to "
        "the activity that is named, else to the one from before",
        reservations("test_a_reject_may_move_the_worker_and_the_task_is_pending_again",
            "test_single_tasking_gives_the_activity_back_if_the_offer_comes_to_nothing")
        + of_reservations("test_after_a_reject_the_task_is_offered_again_in_the_same_step")),
    _rule("3.1", "docs: activity + oai", "a timeout makes the task pending and brings the worker to the timeout "
        "activity, in both modes",
        reservations("test_an_offer_lapses_and_moves_the_worker_to_the_timeout_activity")
        + of_the_model("test_activities_move_by_themselves_after_a_timeout_alone")),
    _rule("3.1", "sdk-test", "an offer is canceled with its task",
        tasks("test_canceling_a_reserved_task_cancels_its_offer_first")),
    _rule("3.1", "sdk-test", "an offer is canceled when its conference can't be made", later=TELEPHONE),
    _rule("3.1", "inferred", "without multitasking, whose offer is canceled or rescinded gets the activity back",
        reservations("test_single_tasking_gives_the_activity_back_if_the_offer_comes_to_nothing",
            "test_single_tasking_rescinds_give_the_activity_back_too",
            "test_single_tasking_keeps_an_activity_that_was_changed_meanwhile"),
        differs="only while it is still in the activity that the offer gave it: who left meanwhile stays away"),
    _rule("3.1", "docs: task-queue", "the other offers of an accepted task are rescinded",
        reservations("test_first_accept_wins_and_the_rest_are_rescinded")),
    _rule("3.1", "sdk-test", "wrapping and completing leave the worker's activity alone",
        reservations("test_single_tasking_moves_workers_to_reserved_and_busy_and_leaves_them_there")),
    _rule("3.1", "sdk + docs: event reference", "reservation.failed tells of a direct task that nobody could be "
        "reserved for", tasks("test_a_direct_task_that_cant_be_reserved_in_time_fails")),
    _rule("3.1", "sdk-test fixture + docs: reservations", "each reservation keeps the activity from before it",
        of_reservations("test_every_reservation_remembers_the_activity_from_before_it")),
    _rule("3.1", "conflict", "a reject without an activity restores the one from before; with an unknown one it is "
        "refused and the offer stays",
        reservations("test_without_an_activity_a_rejecter_keeps_its_own",
            "test_instructions_and_activities_that_make_no_sense_leave_the_offer_pending")),
    _rule("3.1", "docs: reservations", "wrapping is there for every workspace, not for Flex alone",
        tasks("test_a_reservations_end_is_its_tasks")),
    # 3.2
    _rule("3.2", "docs: handle-assignment-callbacks", "nobody is excluded after a reject",
        order("test_a_rejecter_stands_last_and_is_asked_again_if_alone")),
    _rule("3.2", "inferred", "others are asked first; who is alone is asked again",
        order("test_a_rejecter_stands_last_and_is_asked_again_if_alone")),
    _rule("3.2", "docs: reservations + docs: limits", "there are 1,000 rounds",
        tasks("test_after_so_many_rounds_a_task_is_canceled")),
    _rule("3.2", "inferred", "there is no pause between offers",
        of_reservations("test_after_a_reject_the_task_is_offered_again_in_the_same_step"),
        differs="after failed assignment callbacks there is one (design 7)"),
    # 3.3
    _rule("3.3", "docs: task-evaluation", "each offer has its whole time",
        of_reservations("test_every_reservation_has_its_whole_time")),
    _rule("3.3", "docs: task-evaluation", "who let one lapse is asked again only once available",
        of_reservations("test_who_let_an_offer_lapse_is_asked_again_only_once_available")),
    _rule("3.3", "inferred", "unless the timeout activity is an available one",
        reservations("test_an_available_timeout_activity_leaves_the_worker_eligible")),
    _rule("3.3", "docs: workflows-and-assignment", "after an offer the task stays in its target while that has time",
        travel("test_an_offer_that_ends_within_the_targets_time_stays_in_it")),
    _rule("3.3", "sdk-test", "another TaskReservationTimeout counts for later offers",
        reservations("test_a_changed_reservation_timeout_counts_for_later_offers")),
    # 3.4
    _rule("3.4", "docs: workflows-and-assignment", "offers stay with who moves to another available activity",
        of_reservations("test_an_offer_stays_with_a_worker_who_moves_to_another_available_activity")),
    _rule("3.4", "docs: multitasking", "who is not available gets nothing new and finishes what there is",
        of_reservations("test_an_unavailable_worker_gets_nothing_new_and_finishes_what_it_has")),
    _rule("3.4", "inferred", "and keeps pending offers, which may be accepted",
        workers("test_an_unavailable_worker_keeps_pending_offers_and_may_accept_them")),
    _rule("3.4", "oai + sdk-test", "RejectPendingReservations rejects them all, and is refused with an available "
        "activity",
        workers("test_reject_pending_reservations_needs_an_unavailable_activity",
            "test_reject_pending_reservations_rejects_them_all_and_others_are_asked")
        + of_reservations("test_rejecting_pending_offers_leaves_accepted_ones")),
    # 3.5
    _rule("3.5", "docs: task-queue", "a task is offered to up to MaxReservedWorkers workers, fewer if fewer are free, "
        "with an event each",
        of_reservations("test_each_of_several_offers_has_its_own_event_and_as_many_as_are_free")
        + reservations("test_max_reserved_workers_offers_are_one_round_with_one_version")),
    _rule("3.5", "docs: task-queue", "the first acceptance wins; a later one of a rescinded offer is 410",
        reservations("test_first_accept_wins_and_the_rest_are_rescinded",
            "test_a_late_accept_of_a_rescinded_reservation_says_so")),
    _rule("3.5", "docs: task state", "the task is pending again only when all its offers ended",
        reservations("test_the_task_is_pending_again_only_when_the_last_offer_has_ended",
            "test_a_failed_callback_of_one_of_several_offers_leaves_the_others")),
    _rule("3.5", "inferred", "who comes free later is not added to open offers",
        reservations("test_a_worker_freed_later_is_not_added_to_the_offers")),
    _rule("3.5", "docs: limits", "several offers at once are one round",
        reservations("test_max_reserved_workers_offers_are_one_round_with_one_version")),
    # 3.6
    _rule("3.6", "docs: errors", "an answer to what is not pending is refused: 410 if it was rescinded, else 400",
        of_reservations("test_only_a_late_accept_of_a_rescinded_offer_is_gone")
        + reservations("test_a_move_that_the_state_does_not_allow_is_refused_in_the_recorded_words")),
    _rule("3.6", "docs: error 40151", "a transferred task takes four instructions only",
        transfers("test_a_transferred_task_takes_few_instructions")),
    _rule("3.6", "oai", "a reservation is found under its task and under its worker; only there it has a supervisor",
        reservations("test_a_reservation_is_found_only_under_its_own_task_and_worker")
        + of_values("test_only_a_tasks_reservation_takes_a_supervisor")),
    _rule("3.6", "docs: quickstart", "reservations vanish with their task",
        ended("test_a_task_vanishes_at_its_time_and_its_reservations_with_it")
        + reservations("test_the_reservations_of_a_deleted_task_are_gone_in_the_same_batch")),
)  # fmt: skip

WORKFLOWS = (
    _rule("4.1", "docs: workflow-configuration", "the keys of filters and targets",
        rules("test_a_full_configuration_is_read", "test_filters_and_default_filter_may_be_missing_or_null")),
    _rule("4.1", "docs: workflow-configuration", "a target inherits the queue of the one before, in its filter, "
        "and nothing else",
        travel("test_a_target_inherits_the_queue_but_neither_expression_nor_timeout")
        + rules("test_a_full_configuration_is_read", "test_a_mistake_is_named_with_its_place")),
    _rule("4.1", "inferred", "order_by is not inherited either", rules("test_a_full_configuration_is_read")),
    _rule("4.1", "docs: workflow-configuration", "priority and timeout may be numbers or numeric strings",
        rules("test_numbers_may_be_strings_nulls_or_empty")),
    _rule("4.1", "docs: workflow-configuration", "the default filter has no timeout",
        rules("test_the_default_filters_timeout_has_no_effect")
        + of_workflows("test_in_the_default_filter_a_task_waits_to_the_end_of_its_life"),
        differs="one is accepted and without effect"),
    _rule("4.1", "code + inferred", "looser spellings of a filter's name and the default queue; unknown keys count for "
        "nothing",
        rules("test_a_filters_name_has_several_spellings",
            "test_task_queue_sid_and_capitals_are_understood_and_the_new_spelling_wins",
            "test_nulls_and_unknown_keys_are_as_if_absent")),
    _rule("4.1", "inferred", "what breaks the grammar, names a queue that is not there or has a bad expression is "
        "refused with its place",
        rules("test_a_mistake_is_named_with_its_place")
        + configuration("test_a_configuration_may_only_name_queues_that_exist")),
    # 4.2
    _rule("4.2", "docs: workflow-configuration", "1: the first filter that matches is entered",
        travel("test_the_first_filter_that_matches_takes_the_task")
        + path("test_the_first_matching_filter_or_the_default")
        + explained("test_each_filter_says_whether_it_matches_and_which_comparison_decides")),
    _rule("4.2", "docs: workflow-configuration + docs: event reference", "2: on entering a target come its queue, its "
        "priority and workflow.target-matched",
        travel("test_a_target_names_the_filter_and_its_expressions")
        + tasks("test_a_new_task_names_its_queue_from_the_start")),
    _rule("4.2", "docs: worker-presence", "3: if nobody could be reserved, skip_if leads to the next target at once",
        travel("test_a_target_is_skipped_only_if_nobody_could_be_reserved")),
    _rule("4.2", "docs", "4: else it waits there for an acceptance, the target's timeout or the end of its life",
        of_workflows("test_a_target_without_a_timeout_is_left_at_the_end_of_the_tasks_life_alone",
            "test_an_acceptance_ends_the_way_through_the_workflow")),
    _rule("4.2", "docs: event reference", "5: a target's timeout is an event, and so is the move to another queue",
        travel("test_target_timeouts_are_cumulative_and_the_last_leads_out")),
    _rule("4.2", "docs: workflow-configuration", "6: past the last target by time comes the next filter that matches, "
        "else the end; never the default filter",
        travel("test_past_the_last_target_by_time_the_next_filter_that_matches_takes_over",
            "test_target_timeouts_are_cumulative_and_the_last_leads_out")
        + path("test_past_the_last_target_only_a_skip_leads_to_the_default_filter")
        + linted("test_a_filter_that_lets_tasks_go_leads_on_to_the_next", "test_workflows_that_end_in_cancel")),
    _rule("4.2", "docs: worker-presence", "7: past the last target by skip_if comes the next filter that matches, else "
        "the default filter",
        travel("test_past_the_last_target_by_skipping_the_default_filter_takes_over")
        + path("test_past_the_last_target_only_a_skip_leads_to_the_default_filter")
        + linted("test_workflows_that_end_in_cancel")),
    _rule("4.2", "docs: event reference", "7: without a default filter that is workflow.skipped and the end",
        travel("test_skipped_without_a_default_filter_a_task_is_canceled")),
    _rule("4.2", "docs: workflows-and-assignment", "8: no filter matches: it waits in the default filter to the end of "
        "its life",
        of_workflows("test_in_the_default_filter_a_task_waits_to_the_end_of_its_life")
        + path("test_there_is_no_way_out_of_the_default_filter")
        + linted("test_a_default_filter_cancels_nothing_whatever_it_skips")),
    _rule("4.2", "inferred", "9: no filter matches and there is no default filter: the task is created and canceled",
        travel("test_a_task_with_nowhere_to_go_is_refused") + path("test_without_a_default_there_may_be_no_stop")
        + linted("test_workflows_that_end_in_cancel"),
        differs="a new task is refused (design 7): who sends it learns of it at once"),
    _rule("4.2", "inferred", "some targets skipped, some timed out: the last exit decides",
        travel("test_the_last_exit_decides_between_timing_out_and_skipping")
        + path("test_a_skip_past_targets_that_are_over_counts_as_time")),
    # 4.3
    _rule("4.3", "docs: task-evaluation", "target timeouts add up from the task's creation",
        travel("test_target_timeouts_are_cumulative_and_the_last_leads_out")
        + path("test_timeouts_add_up_but_a_skipped_target_adds_nothing")
        + explained("test_the_target_says_when_it_leaves_and_what_comes_then")),
    _rule("4.3", "inferred", "after an offer the place follows from the age: targets may be used up",
        travel("test_a_long_offer_uses_up_targets")
        + of_workflows("test_a_long_offer_that_ends_past_the_last_target_leads_out")
        + path("test_a_late_exit_passes_the_targets_whose_time_is_over", "test_the_first_stop_follows_from_the_age")),
    _rule("4.3", "conflict", "a task stays in a target that has time left after an offer",
        travel("test_an_offer_that_ends_within_the_targets_time_stays_in_it")),
    _rule("4.3", "inferred", "target times run on during an offer, but move the task only after it",
        travel("test_a_long_offer_uses_up_targets")
        + reservations("test_a_paused_task_is_offered_to_nobody_but_its_targets_time_goes_on")),
    _rule("4.3", "inferred", "the times of a later filter count from entering it",
        travel("test_past_the_last_target_by_time_the_next_filter_that_matches_takes_over")),
    _rule("4.3", "inferred", "a skipped target adds nothing",
        path("test_timeouts_add_up_but_a_skipped_target_adds_nothing")
        + travel("test_the_last_exit_decides_between_timing_out_and_skipping")),
    # 4.4
    _rule("4.4", "docs: worker-presence", "counted are the workers of the target's queue: available, unavailable, and "
        "by activity",
        of_workflows("test_skip_if_counts_the_workers_of_the_targets_queue_alone")
        + travel("test_skip_if_counts_the_queues_workers_whatever_their_capacity")),
    _rule("4.4", "docs: worker-presence", "skip_if sees workers.available, workers.unavailable and workers.WA… alone",
        of_expressions("test_skip_if_sees_the_counts_of_workers_alone")),
    _rule("4.4", "docs: worker-presence", "whatever their capacity and the target's expression",
        travel("test_skip_if_counts_the_queues_workers_whatever_their_capacity")),
    _rule("4.4", "docs: worker-presence", "1==1 skips unless somebody is matched now; it must be a condition",
        travel("test_a_target_is_skipped_only_if_nobody_could_be_reserved",
            "test_skip_if_counts_the_queues_workers_whatever_their_capacity")),
    _rule("4.4", "docs: worker-presence", "so a count may include workers whom the target leaves out, which traps "
        "people", linted("test_counts_that_ignore_the_expression")),
    _rule("4.4", "inferred", "asked on entering, and when a task is pending again after an offer, not by time",
        of_workflows("test_skip_if_is_asked_on_entering_and_after_an_offer_and_not_when_workers_go")
        + travel("test_skip_if_is_not_asked_again_by_loading_a_workspace_at_rest"),
        differs="also when the task takes another place in its line, by a new priority, channel or queue order"),
    # 4.5
    _rule("4.5", "oai + docs: workflow-configuration", "a target's priority replaces the task's, and stays in targets "
        "without one", travel("test_a_targets_priority_overrides_and_stays")),
    # 4.6
    _rule("4.6", "docs: known-agent-routing", "only the worker of the sid or name in the task's attribute is "
        "considered, and the expression must hold as well",
        travel("test_only_the_known_worker_is_considered",
            "test_a_known_worker_must_be_in_the_queue_suit_the_expression_and_be_free",
            "test_a_worker_who_takes_the_known_name_gets_the_task")),
    _rule("4.6", "docs: known-agent-routing", "it must be in the queue, which may be an inherited one",
        of_workflows("test_a_known_worker_may_be_of_an_inherited_queue_and_others_wait_for_the_next_target")),
    _rule("4.6", "docs: known-agent-routing", "a wrong one is told to the application's log (40152)", later=DEBUGGER),
    _rule("4.6", "docs: known-agent-routing", "null or a wrong value does not skip the target",
        of_workflows("test_a_wrong_or_missing_known_worker_does_not_skip_the_target")),
    _rule("4.6", "docs: known-agent-routing", "it must be available and have capacity",
        travel("test_a_known_worker_must_be_in_the_queue_suit_the_expression_and_be_free")),
    _rule("4.6", "docs: known-agent-routing", "events carry known_worker_sid",
        of_workflows("test_events_carry_the_known_workers_sid")),
    # 4.7
    _rule("4.7", "docs: workflows-and-assignment", "targets of one queue with wider expressions widen the ring",
        of_workflows("test_rings_widen_by_targets_of_one_queue")),
    # 4.8
    _rule("4.8", "support: Managing TaskRouter Workflows + oai", "waiting tasks keep the rules that they entered with",
        travel("test_waiting_tasks_keep_the_rules_that_they_entered_with")
        + of_workflows("test_changed_rules_reach_waiting_tasks_only_when_asked_to")
        + explained("test_a_task_keeps_the_rules_that_it_entered_with_and_says_that_they_are_old")),
    _rule("4.8", "support", "ReEvaluateTasks sends pending tasks through the new rules from the first filter",
        of_workflows("test_changed_rules_reach_waiting_tasks_only_when_asked_to")
        + travel("test_re_evaluating_moves_pending_tasks_and_reserved_ones_later")),
    _rule("4.8", "inferred", "and reserved ones when they are pending again",
        travel("test_re_evaluating_moves_pending_tasks_and_reserved_ones_later")),
    _rule("4.8", "docs: multitasking", "new attributes send a pending task through its rules from the first filter",
        travel("test_new_attributes_lead_a_pending_task_through_its_workflow_again")),
    _rule("4.8", "conflict", "they do so without ReEvaluateTasks",
        travel("test_new_attributes_lead_a_pending_task_through_its_workflow_again")),
    _rule("4.8", "sdk-test", "a reserved task stays with its offer, and uses new attributes when it is pending again",
        travel("test_a_reserved_task_stays_and_starts_again_once_it_is_pending")),
    _rule("4.8", "sdk", "those of an assigned task are stored, and that is all",
        of_tasks("test_new_attributes_of_an_assigned_task_are_stored_and_no_more")),
    _rule("4.8", "oai", "priority and virtual start move a waiting task in its line",
        order("test_priority_and_virtual_start_time_reorder_a_waiting_task")),
    _rule("4.8", "docs: task-queue + inferred", "a worker's attributes change its queues and what waits; live "
        "reservations stay",
        membership("test_membership_follows_a_workers_attributes")
        + of_reservations("test_live_reservations_are_untouched_by_changes_of_worker_and_queue")),
    _rule("4.8", "docs: event reference", "so does a queue's expression, with an event of its own",
        membership("test_membership_follows_a_queues_expression_and_live_reservations_stay")),
    _rule("4.8", "docs: multitasking + inferred", "whatever frees a worker has what waits matched",
        of_workflows("test_whatever_frees_a_worker_finds_what_waits")
        + workers("test_a_worker_who_becomes_available_gets_what_waits_at_once")),
    _rule("4.8", "code", "after an offer a match says reservation_rejected or reservation_timeout",
        of_workflows("test_a_match_after_an_offer_says_why")),
    _rule("4.8", "code", "a move names the queue and the priority from before",
        of_workflows("test_a_move_between_queues_names_the_one_before_and_the_priority_then")),
    _rule("4.8", "inferred", "starting again does not start the age again",
        travel("test_starting_again_keeps_the_age")),
    # 4.9
    _rule("4.9", "oai + blog: changelog 2024-07-01", "RoutingTarget is a worker, a queue or a workflow",
        tasks("test_a_task_for_a_queue_goes_straight_there", "test_a_task_for_a_workflow_is_as_with_its_sid",
            "test_a_direct_task_ignores_capacity_and_availability")
        + of_tasks("test_a_task_is_not_sent_to_two_places_at_once")),
    _rule("4.9", "oai", "IgnoreCapacity is for workers alone, and true unless it is said otherwise",
        of_tasks("test_ignoring_capacity_is_for_tasks_of_a_worker_and_what_they_do_unless_told_otherwise")),
    _rule("4.9", "oai + sdk-test", "then neither availability "
        "nor capacity is asked for; else both",
        tasks("test_a_direct_task_ignores_capacity_and_availability", "test_a_direct_task_may_respect_both")
        + of_values("test_true_one_and_yes_mean_to_ignore_capacity")),
    _rule("4.9", "sdk + sdk-test", "what a worker starts has its workflow, its queue and itself as the target",
        tasks("test_an_outbound_task_has_workflow_queue_and_worker")),
    _rule("4.9", "sdk-test", "unknown sids are refused, naming value, field, workspace and account",
        of_tasks("test_a_direct_tasks_other_parameters_must_exist_too")
        + tasks("test_parameters_that_name_nothing_are_refused")),
    _rule("4.9", "sdk + inferred", "not reserved within 5 seconds, if capacity is ignored: reservation.failed and "
        "canceled", tasks("test_a_direct_task_that_cant_be_reserved_in_time_fails")),
    _rule("4.9", "sdk-test + inferred", "what its worker does not take is canceled, "
        "not offered again", tasks("test_a_direct_task_is_not_offered_again")),
    _rule("4.9", "inferred", "without a workflow, the only one's timeout and callback, else 120 seconds and none",
        of_tasks("test_a_task_without_a_workflow_has_the_only_ones_reservation_timeout")
        + replies("test_a_task_without_a_workflow_is_told_of_at_the_only_workflows_url")),
    _rule("4.9", "oai", "WorkflowSid may be left out where there is one workflow",
        tasks("test_the_workflow_may_be_left_out_only_if_there_is_one")),
    # 4.10
    _rule("4.10", "oai + docs: LIFO page", "it stands for the creation in the order; not in the future nor before 1900",
        of_tasks("test_a_virtual_start_moves_a_task_in_the_line_and_nothing_else",
            "test_a_virtual_start_is_never_in_the_future_and_an_empty_one_is_the_creation")
        + of_values("test_a_virtual_start_is_not_before_1900")),
    _rule("4.10", "inferred", "it changes neither the time to live nor target times",
        of_tasks("test_a_virtual_start_moves_a_task_in_the_line_and_nothing_else")),
    _rule("4.10", "oai", "a list is not ordered by it and by the creation at once",
        kinds("test_what_is_no_ordering_says_what_is")),
)  # fmt: skip

EXPRESSIONS = (
    _rule("5.1", "docs: expression-syntax + docs: task-queue", "the operators and their aliases",
        of_expressions("test_every_documented_operator_and_alias_is_there")
        + operators("test_an_operator_means_this")),
    _rule("5.1", "inferred", "NOT before a condition, NOT HAS and <> are extensions",
        of_expressions("test_not_and_its_like_are_extensions")),
    _rule("5.1", "docs: known-agent-routing + so: 55847305", "keywords may have any case",
        of_expressions("test_keywords_may_have_any_case")),
    _rule("5.1", "docs: expression-syntax", "AND before OR; constants on both sides",
        of_expressions("test_and_binds_tighter_than_or", "test_constants_may_stand_on_both_sides")),
    _rule("5.1", "docs: expression-syntax", "no hyphens in names",
        of_expressions("test_a_hyphen_in_a_name_is_refused_where_it_stands")
        + errors("test_a_refusal_says_where_and_why")),
    _rule("5.1", "conflict + inferred", "a quoted name is a constant",
        of_expressions("test_a_quoted_name_is_a_constant")),
    _rule("5.1", "docs: workflows-and-assignment", "null is a constant", of_expressions("test_null_is_a_constant")),
    _rule("5.1", "code: regal docs", "names may stand where arrays and members stand",
        of_expressions("test_an_array_may_be_a_name_on_the_right_of_in_and_the_member_a_name_on_the_right_of_has",
            "test_null_is_a_constant")),
    _rule("5.1", "inferred", "strings have backslash escapes, numbers a minus",
        of_expressions("test_strings_have_escapes_and_numbers_a_sign_and_leading_zeros")),
    _rule("5.1", "inferred", "a value alone is no condition",
        of_expressions("test_a_value_alone_is_no_condition")),
    # 5.2
    _rule("5.2", "docs: expression-syntax + docs: changelog", "names go down by dots and zero-based indexes; what is "
        "missing is null",
        of_expressions("test_names_go_into_objects_and_arrays_and_what_is_missing_is_null")),
    _rule("5.2", "docs: expression-syntax", "a scalar operator with an array is false, != too",
        of_expressions("test_a_scalar_operator_with_an_array_is_false"),
        differs="but x != null is true of an array, as the documentation uses it"),
    _rule("5.2", "docs: expression-syntax", "an array operator without an array is false",
        of_expressions("test_an_array_operator_without_an_array_is_false")),
    _rule("5.2", "docs: expression-syntax", "so is one with a constant where its array should be",
        of_expressions("test_a_constant_left_of_has_is_refused_with_advice"),
        differs="to the left of HAS it is refused: it would be false for ever, and is a slip"),
    _rule("5.2", "docs: expression-syntax", "HAS, IN and CONTAINS",
        of_expressions("test_has_asks_for_a_member_in_for_being_one_and_contains_for_a_part")),
    _rule("5.2", "code: techmatters", "what is missing is unequal to true",
        of_expressions("test_a_missing_flag_is_unequal_to_true")),
    _rule("5.2", "inferred", "null is in no order and in no array",
        of_expressions("test_null_equals_null_alone_and_has_no_order")),
    _rule("5.2", "docs: task-queue + docs: time-of-day-routing + inferred", "a numeric string and a number compare as "
        "numbers", of_expressions("test_a_numeric_string_compares_with_a_number_as_a_number")),
    _rule("5.2", "docs: task-queue + docs: time-of-day-routing + inferred", "other kinds are unequal and without order",
        of_expressions("test_other_mixed_kinds_are_unequal_and_without_order")
        + membership("test_to_membership_true_one_and_a_decimal_one_are_three_values")),
    _rule("5.2", "inferred", "strings compare by code point and case",
        of_expressions("test_strings_compare_by_code_point_and_case")),
    _rule("5.2", "inferred", "members of an array compare by ==",
        of_expressions("test_members_of_an_array_compare_by_equality")),
    # 5.3
    _rule("5.3", "oai", "a queue's bare name is the worker's; sid, friendly_name, activity_sid and activity_name too",
        of_expressions("test_a_bare_name_is_the_workers_in_a_queue_and_the_tasks_in_a_filter")
        + membership("test_membership_follows_a_worker_into_an_activity_and_the_activitys_new_name",
            "test_membership_follows_a_workers_name")),
    _rule("5.3", "inferred", "worker. is understood in a queue",
        of_expressions("test_a_prefix_is_understood_where_a_bare_name_means_the_same")),
    _rule("5.3", "code", "task. is understood in a filter",
        of_expressions("test_a_prefix_is_understood_where_a_bare_name_means_the_same")),
    _rule("5.3", "docs: expression-syntax", "in a target every name starts with task. or worker., or is of the time",
        of_expressions("test_every_name_in_a_target_says_whose_it_is")
        + contexts("test_a_name_gets_its_root_from_the_context")),
    _rule("5.3", "docs: multitasking", "a target may read worker.channel and follows its changes",
        travel("test_a_target_may_read_a_workers_channels_and_follows_them",
            "test_a_change_of_capacity_counts_although_the_worker_was_free_before")),
    _rule("5.3", "docs: time-of-day-routing", "taskrouter.* is the time in UTC, in filters and targets",
        of_expressions("test_the_time_is_read_in_utc") + clock("test_the_fields_have_the_documented_shapes")),
    _rule("5.3", "inferred", "the time alone has nothing evaluated again",
        of_workflows("test_filters_see_the_time_at_which_they_are_asked_and_are_not_asked_by_it")
        + travel("test_a_target_that_reads_the_time_is_looked_at_again_when_it_changes"),
        differs="a waiting task whose target reads the time is matched again when that changes: at rest no free worker "
        "should suit a waiting task (design 2); filters are not asked again"),
    _rule("5.3", "docs: multitasking + inferred", "what is built in wins over attributes of the same name",
        membership("test_built_in_names_win_over_attributes_of_the_same_name")),
    _rule("5.3", "inferred", "task.sid, task.priority, task.age and task.task_channel_unique_name, where no attribute "
        "has the name",
        of_workflows("test_filters_and_targets_see_a_tasks_sid_priority_and_channel",
            "test_a_tasks_own_attribute_wins_over_what_is_built_in")
        + explained("test_filters_are_told_with_the_priority_that_they_see")
        + linted("test_what_is_built_in_of_a_task_is_no_unknown_attribute"),
        differs="task.age is not there: it changes by itself, so that neither filters nor the classes of waiting tasks "
        "could follow it"),
    # 5.4
    _rule("5.4", "docs: order-workers", "clauses over worker. with a direction, any number of them",
        of_expressions("test_an_order_has_any_number_of_clauses_over_the_worker_each_with_a_direction")
        + ordering("test_clauses_are_paths_with_directions")),
    _rule("5.4", "docs: order-workers", "a value that is no integer makes the order ignored",
        ordering("test_a_value_that_is_no_integer_makes_the_order_ignored")
        + order("test_order_by_comes_before_idleness")),
    _rule("5.4", "docs: order-workers", "who lacks the attribute comes last, either way",
        ordering("test_workers_are_ordered_and_those_without_the_attribute_come_last")
        + order("test_order_by_comes_before_idleness")),
    _rule("5.4", "docs: order-workers", "ties go to the longest without a task",
        of_order("test_ties_of_order_by_go_to_the_longest_without_a_task")),
    _rule("5.4", "inferred", "without a direction it ascends; ignored is the whole order",
        of_expressions("test_an_order_has_any_number_of_clauses_over_the_worker_each_with_a_direction")
        + ordering("test_a_value_that_is_no_integer_makes_the_order_ignored")
        + order("test_order_by_comes_before_idleness")),
    # 5.5
    _rule("5.5", "inferred", "an expression that does not parse is refused at creation, with its column",
        configuration("test_a_queues_expression_must_parse") + errors("test_a_refusal_says_where_and_why")),
    _rule("5.5", "inferred", "asking one never fails",
        of_expressions("test_asking_never_fails_whatever_the_data")),
)  # fmt: skip

ORDER = (
    _rule("6.1", "docs: task-queue + docs: LIFO page", "FIFO: the highest priority, whatever the age; then the oldest "
        "virtual start",
        order("test_higher_priority_goes_first_then_the_older_task")
        + of_order("test_a_high_priority_goes_before_any_age",
            "test_the_virtual_start_stands_for_the_creation_in_both_orders")
        + explained("test_the_place_among_the_waiting_follows_priority_and_age")),
    _rule("6.1", "docs: LIFO page", "LIFO: the newest, whatever the priority",
        order("test_a_lifo_queue_serves_the_newest_and_ignores_priority")),
    _rule("6.1", "inferred", "LIFO goes by the virtual start too",
        of_order("test_the_virtual_start_stands_for_the_creation_in_both_orders")),
    _rule("6.1", "inferred", "equal times go in order of creation",
        order("test_equal_times_go_in_order_of_creation")),
    _rule("6.1", "inferred", "a task that nobody free can take holds up "
        "no other", order("test_an_older_task_that_nobody_free_can_take_holds_up_no_other")),
    _rule("6.1", "inferred", "a task that comes back keeps its place",
        order("test_a_task_that_comes_back_keeps_its_place")),
    _rule("6.2", "docs: LIFO page", "PrioritizeQueueOrder says which kind of queue is emptied first",
        order("test_prioritize_queue_order_says_which_kind_of_queue_is_emptied_first")
        + of_order("test_one_queues_order_beats_priorities_in_the_other_kind")),
    _rule("6.2", "inferred", "across FIFO queues priority and time decide, across LIFO ones youth",
        order("test_across_queues_of_one_kind_priority_and_age_decide")
        + of_order("test_across_lifo_queues_the_newest_goes_first")),
    _rule("6.3", "docs: multitasking + docs: workflows-and-assignment", "a worker is eligible who is in the queue, "
        "suits the target, is available, there too, and has capacity",
        of_order("test_each_condition_alone_keeps_a_worker_from_a_task")
        + workers("test_only_workers_in_an_available_activity_are_offered_tasks")),
    _rule("6.3", "docs: order-workers + docs: workflows-and-assignment", "the longest without a task goes first",
        order("test_the_worker_who_has_waited_longest_since_an_offer_goes_first")
        + explained_workers("test_who_would_come_next_is_ranked_as_routing_would")),
    _rule("6.3", "oai", "ChannelOptimizedRouting counts idleness on the channel alone",
        order("test_channel_optimized_routing_looks_at_idleness_on_that_channel_alone")),
    _rule("6.3", "inferred", "who never had an offer goes first; then the longest in its activity; then the older",
        order("test_the_worker_who_has_waited_longest_since_an_offer_goes_first",
            "test_among_equals_the_longest_in_their_activity_goes_first")),
    _rule("6.3", "inferred", "an offer that came to nothing counts too",
        of_order("test_an_offer_that_came_to_nothing_still_sends_its_worker_to_the_back")),
    _rule("6.3", "docs: order-workers", "order_by comes before idleness",
        order("test_order_by_comes_before_idleness")),
    _rule("6.4", "inferred", "from either side the same pairs come about: task by task, each its best worker",
        of_order("test_tasks_that_come_to_workers_and_workers_that_come_to_tasks_make_the_same_pairs")
        + simulation("test_every_way_to_carry_out_a_command_agrees_with_the_auditor")),
    _rule("9.1", "docs: event reference", "who becomes available is eligible at once; the event says how long the "
        "activity before lasted", workers("test_a_worker_who_becomes_available_gets_what_waits_at_once")
        + of_workflows("test_whatever_frees_a_worker_finds_what_waits")),
    _rule("9.1", "inferred", "the same activity again is no event",
        workers("test_the_same_activity_again_is_nothing")),
)  # fmt: skip

FIGURES = (
    _rule("11.3", "oai", "figures of an interval are what the event log says, gone through by hand, at each level",
        figures_by_hand("test_every_figure_is_what_the_log_says_by_hand")),
    _rule("11.2", "oai", "figures of now are those of the entities that there are, at each level",
        figures_beside_a_plain_look("test_figures_of_now_are_what_a_plain_look_gives")),
    _rule("11.2", "oai", "tasks are counted by status and by priority, until they end",
        figures("test_of_a_workspace", "test_of_a_workflow")),
    _rule("11.2", "oai", "the task that has waited longest is named, with its age since its creation; 0 and null if "
        "none waits", figures("test_of_a_workspace", "test_a_queue_that_does_not_exist_has_nothing")),
    _rule("11.2", "oai", "of a queue, also the one that entered it first, and how long ago",
        figures("test_the_age_in_the_queue_is_that_since_the_last_entry")),
    _rule("11.2", "inferred", "what is reserved waits still",
        census("test_what_is_reserved_waits_still_and_what_is_assigned_does_not")),
    _rule("11.2", "oai", "a queue's workers are eligible in any activity, and available at capacity too",
        figures("test_of_a_queue")),
    _rule("11.2", "oai", "workers are counted by activity, each activity told: of a workspace, a queue or all "
        "workers", figures("test_of_a_workspace", "test_of_a_queue", "test_of_workers")),
)  # fmt: skip

ROUTING = (*MODEL, *TASKS, *RESERVATIONS, *WORKFLOWS, *EXPRESSIONS, *ORDER, *FIGURES)
