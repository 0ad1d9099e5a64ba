"""What would be, if something were so: whom an expression matches, which way a task would go by a workflow's rules,
where waiting tasks would stand by others.

Each is a question with `look`, which goes on for a moment and says whether it has seen all, and `result`. Nothing is
changed, and whoever asks lets others pass between two looks: what comes of it holds as far as the state stood still.
"""

from pointsman.core.what_if.eligible import Eligible, EligibleTold, WorkerTold
from pointsman.core.what_if.moves import MovesTold, MoveTold, ReEvaluation
from pointsman.core.what_if.trial import Leg, Trial, TrialTold

__all__ = [
    "Eligible",
    "EligibleTold",
    "Leg",
    "MoveTold",
    "MovesTold",
    "ReEvaluation",
    "Trial",
    "TrialTold",
    "WorkerTold",
]
