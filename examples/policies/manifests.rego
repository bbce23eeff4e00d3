# Rules on manifests: `campaignctl resolve -e ENVIRONMENT --format json`.
package main

import rego.v1

# Published campaigns that may run for ever, as agreed on with their teams.
endless := {"app-care", "checkout-rescue", "customer-care", "loyalty-club"}

# What stands for money. `${{1}}` is a placeholder of the platform, not a price.
currencies := {"€", "£", "¥", "$", "EUR", "GBP", "USD"}

# The fields of a handoff that people read.
read_by_people := {"text", "content", "notificationText", "notificationTitle"}

manifests contains manifest if {
	input.format == "campaignctl.manifests/v1"
	some manifest in input.manifests
}

deny contains msg if {
	some campaign in manifests
	campaign.kind == "Campaign"
	campaign.spec.state == "published"
	not campaign.spec.schedule.end
	not campaign.name in endless
	msg := told(campaign, "it is published and its schedule has no end")
}

deny contains msg if {
	some campaign in manifests
	campaign.kind == "Campaign"
	not campaign.annotations.owner
	not campaign.labels.team
	msg := told(campaign, "it has neither the annotation `owner` nor the label `team`")
}

deny contains msg if {
	some handoff in manifests
	handoff.kind == "ApiHandoff"
	walk(handoff.spec, [path, text])
	is_string(text)
	path[count(path) - 1] in read_by_people
	some currency in currencies
	contains(replace(text, "${{", ""), currency)
	field := concat(".", [sprintf("%v", [part]) | some part in path])
	msg := told(handoff, sprintf("`%s` has a price in it (%s): prices change, and no reply takes one back", [field, currency]))
}

told(manifest, what) := sprintf("%s:%d: %s/%s: %s", [manifest.file, manifest.line, manifest.kind, manifest.name, what])
