# What was not understood is not allowed: an error instead of a plan, a document of a later version, an empty pipe.
package main

import rego.v1

known_formats := {"campaignctl.manifests/v1", "campaignctl.plan/v1", "campaignctl.plans/v1"}

deny contains msg if {
	format := object.get(input, "format", "no format")
	not format in known_formats
	msg := sprintf("there are no policies for %v: %v", [format, object.get(input, "message", "it is no manifests and no plan")])
}

deny contains msg if {
	some environment in input.environments
	environment.error
	msg := sprintf("%s could not be planned: %s", [environment.environment, environment.error.message])
}
