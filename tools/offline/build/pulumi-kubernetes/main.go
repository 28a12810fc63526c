// The Kubernetes resource provider of Pulumi, built from its Go module.
//
// The module's own main package embeds a schema file that is generated at
// release time and is not part of the module; the schema serves SDK generation
// only, so this main passes the provider an empty one.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is set at link time, from the tool list.
var version = "0.0.0"

func main() {
	schema := []byte(`{"name":"kubernetes","version":"` + version + `"}`)
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}
