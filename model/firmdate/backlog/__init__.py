"""Rules that a planner puts on the backlog: from order lines and a scenario to what the network is asked for."""
