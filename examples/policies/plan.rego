# Rules on plans: `campaignctl plan -e ENVIRONMENT --format json`, with or without `--all-environments`.
package main

import rego.v1

# Live campaigns that may be taken back or deleted, until the plan that does it is applied.
may_go := set()

# The most objects that one plan may update.
most_updates := 20

plans contains input if input.format == "campaignctl.plan/v1"

plans contains plan if {
	input.format == "campaignctl.plans/v1"
	some environment in input.environments
	plan := environment.plan
}

# A live campaign is unpublished before anything else happens to it, be it deleted afterwards or not.
deny contains msg if {
	some plan in plans
	some step in plan.steps
	step.verb == "unpublish"
	change := plan.changes[step.change]
	change.kind == "Campaign"
	not change.name in may_go
	msg := sprintf("%s: %s: Campaign/%s is live, and would be taken back (%s)", [place(change), plan.environment, change.name, change.action])
}

deny contains msg if {
	some plan in plans
	updates := plan.summary.update
	updates > most_updates
	msg := sprintf("%s: %d updates in one plan, more than %d: split it", [plan.environment, updates, most_updates])
}

# Whoever set a state in the console had a reason, an outage perhaps.
deny contains msg if {
	some plan in plans
	some change in plan.changes
	some field in change.fields
	field.pointer == "/spec/state"
	field.cause in {"drift", "both"}
	msg := sprintf("%s: %s: somebody set the state of %s/%s to %v in the console: ask them first", [place(change), plan.environment, change.kind, change.name, field.before])
}

# The manifest of what is deleted is gone: the plan says where it stood.
place(change) := sprintf("%s:%d", [change.source.file, change.source.line])

place(change) := concat(", ", object.get(change, "reasons", ["without a manifest"])) if not change.source
