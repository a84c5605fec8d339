"""Talking to network devices: the contract (:mod:`naas.driver.base`) and its implementation on Netmiko."""
