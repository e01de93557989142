"""Loads call records into HubSpot in bulk: nothing lost, nothing twice."""
