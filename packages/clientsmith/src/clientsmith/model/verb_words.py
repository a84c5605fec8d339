"""The verbs: those of the guideline's table, what other words mean the same, and what else services do."""

from __future__ import annotations

from typing import Final

from .words import vocabulary

__all__ = ["GROUP_NOISE", "SYNONYMS", "TABLE", "TRAILING", "VERBS"]

# Ways of saying what the method says already.
SYNONYMS: Final[dict[str, frozenset[str]]] = {
    "GET": vocabulary(
        """
        get list show find fetch retrieve read describe view load lookup obtain query info return index all browse
        enumerate
        """
    ),
    "HEAD": vocabulary("head get check exists has test is"),
    "POST": frozenset(["post", "create", "add", "new", "insert", "make", "store"]),
    "PUT": frozenset(["put", "update", "save", "store", "change"]),
    "PATCH": frozenset(["patch", "update", "modify", "edit", "change", "partial"]),
    "DELETE": frozenset(["delete", "destroy", "drop", "del", "erase"]),
}
TABLE: Final = vocabulary("create upsert set update replace append add get list delete remove")
VERBS: Final = TABLE.union(
    *SYNONYMS.values(),
    vocabulary(
        """
abort accept acquire activate allow analyze apply approve archive assign associate attach attest
        authenticate authorize ban batch begin block browse bulk buy cancel capture categorize change
        check claim classify clean clear clone close commit compare complete compute confirm connect
        consume convert copy count crosspost deactivate deauthorize decline decode decrypt defer
        delegate demote deny deploy deregister describe detach detect disable disassociate disconnect
        dismiss dispatch download downvote drain edit embed enable encode encrypt end enqueue enrich
        enroll ensure enumerate escalate escrow estimate evaluate evict exchange execute expand expire
        export extend fail favorite favourite fetch fill filter finalize finish flush follow force fork
        format forward freeze fulfill generate grant handoff hide ignore impersonate import increment
        initialize initiate insert inspect install interrupt introspect invalidate invite invoke issue
        join kick kill leave like link list lock login logout lookup mark match merge migrate moderate
        modify monitor move mute notify nudge offboard onboard open order override pair parse pause pay
        peek pin ping play poll pop predict preview process promote provision proxy prune publish pull
        purchase purge push put quarantine query queue raise rank reactivate read reassign rebuild
        receive recommend recompute reconnect record recover redeem redeliver redo refresh refund
        regenerate register reinstate reject relay release relink reload remove rename render renew
        reopen reorder repair repeat replay replicate reply report repost reprice reprocess republish
        request requeue rerank rerun reschedule rescore resend reserve reset resize resolve restart
        restore resubmit resume resync retire retry return reverse revert review revoke rollback
        rollover rotate run sample sanitize save scale scan schedule search seed select send settle
        share shutdown sign simulate skip snapshot snooze solve sort split star start stop store stream
        submit subscribe suggest summarize suspend swap switch sync synchronize synthesize tag terminate
        test toggle tokenize touch train transcribe transfer transform transition translate trigger
        trust unarchive unassign unban unblock undelete undo unfavorite unfavourite unfollow unfreeze
        unhide uninstall unlike unlink unlock unmerge unmute unpin unpublish unregister unrepost unshare
        unsnooze unstar unsubscribe unsuspend untag update upgrade upload upvote use validate verify
        void vote wait watch whoami wipe withdraw write
        """
    ),
)
# At the end of an id only these are verbs: "report" and "order" are nouns there.
TRAILING: Final = TABLE | {
    "find",
    "fetch",
    "read",
    "retrieve",
    "search",
    "show",
    "patch",
    "cancel",
    "destroy",
    "index",
    "store",
}
# What frameworks add to the names of classes, and says nothing of the service.
GROUP_NOISE: Final = vocabulary(
    "controller controllers service api apis resource handler endpoint endpoints rest view viewset"
)
