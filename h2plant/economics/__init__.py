"""From a ledger to what the hydrogen costs."""
