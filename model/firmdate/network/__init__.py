"""From planning data to the sets of the model: events, activities, classes, routes."""
