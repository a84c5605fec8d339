"""Talking to network devices: the contract (:mod:`naas.driver.base`) and the drivers that keep it.

From the outside in: ``choice`` hands a job to the driver it names; ``netmiko`` and ``scrapli`` are ``pooled`` drivers,
each with sessions of its own kind; ``road`` is how a device is reached and trusted. Decisions without a connection are
in ``configs``, ``failures``, ``hostkeys`` and ``idle``.
"""
