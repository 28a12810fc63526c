// A wrapper around runc for hosts whose capability bounding set lacks
// CAP_SYS_RESOURCE. There the kernel refuses to add that capability to a
// privileged container and to lower an oom_score_adj below zero, and runc
// fails with "unable to apply caps" or "can't get final child's PID". The
// wrapper takes both wishes out of the container's or process's specification
// and then becomes the real runc.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const refusedCapability = "CAP_SYS_RESOURCE"

// realRunc is where the distribution's package puts runc; set at link time to differ.
var realRunc = "/usr/sbin/runc"

func main() {
	if file := specificationFile(os.Args[1:]); file != "" {
		if err := mend(file); err != nil {
			fmt.Fprintf(os.Stderr, "runc wrapper: %s: %v\n", file, err)
			os.Exit(1)
		}
	}
	err := syscall.Exec(realRunc, append([]string{realRunc}, os.Args[1:]...), os.Environ())
	fmt.Fprintf(os.Stderr, "runc wrapper: cannot start %s: %v\n", realRunc, err)
	os.Exit(127)
}

// specificationFile returns the JSON file that runc will read for these
// arguments: the bundle's config.json for create and run, the process file for
// exec, and "" for every other subcommand.
func specificationFile(args []string) string {
	switch {
	case slices.Contains(args, "create"), slices.Contains(args, "run"):
		bundle := option(args, "--bundle", "-b")
		if bundle == "" {
			bundle = "."
		}
		return filepath.Join(bundle, "config.json")
	case slices.Contains(args, "exec"):
		return option(args, "--process", "-p")
	}
	return ""
}

// option returns the value of "--name value" or "--name=value".
func option(args []string, names ...string) string {
	for i, arg := range args {
		for _, name := range names {
			if arg == name && i+1 < len(args) {
				return args[i+1]
			}
			if value, found := strings.CutPrefix(arg, name+"="); found {
				return value
			}
		}
	}
	return ""
}

// mend edits a runtime specification, or a bare process specification, in place.
func mend(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec map[string]any
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // limits are 64-bit integers, which a float would round
	if err := decoder.Decode(&spec); err != nil {
		return err
	}
	process, isBundle := spec["process"].(map[string]any)
	if !isBundle {
		process = spec
	}
	if score, found := process["oomScoreAdj"].(json.Number); found && strings.HasPrefix(score.String(), "-") {
		process["oomScoreAdj"] = 0
	}
	if sets, found := process["capabilities"].(map[string]any); found {
		for name, set := range sets {
			if list, isList := set.([]any); isList {
				sets[name] = slices.DeleteFunc(list, func(c any) bool { return c == refusedCapability })
			}
		}
	}
	content, err = json.Marshal(spec)
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}
