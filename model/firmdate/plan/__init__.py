"""From the solution to promises, orders and figures, certified and explained."""
