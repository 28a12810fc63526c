// Added to the language host's own package, whose last published module refuses to run plugins: a policy pack is one.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// Fields that newer CLIs send, which this module's messages don't know yet (pulumi/language.proto).
const (
	requestInfo          = 5 // RunPluginRequest.info
	requestKind          = 6 // RunPluginRequest.kind
	infoProgramDirectory = 2 // ProgramInfo.program_directory
)

func init() {
	streams := pulumirpc.LanguageRuntime_ServiceDesc.Streams
	for i := range streams {
		if streams[i].StreamName == "RunPlugin" {
			streams[i].Handler = runPlugin
		}
	}
}

// runPlugin starts a plugin that is written in JavaScript, and passes on what it prints until it ends.
func runPlugin(_ interface{}, stream grpc.ServerStream) error {
	request := new(pulumirpc.RunPluginRequest)
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	unknown := request.ProtoReflect().GetUnknown()
	program := request.Program
	if folder := field(field(unknown, requestInfo), infoProgramDirectory); len(folder) > 0 {
		program = string(folder)
	}
	runner := "run-plugin"
	if string(field(unknown, requestKind)) == "analyzer" {
		runner = "run-policy-pack"
	}
	script, err := find(program, filepath.Join("node_modules", "@pulumi", "pulumi", "cmd", runner, "index.js"))
	if err != nil {
		return err
	}
	command := exec.CommandContext(stream.Context(), "node", append(append([]string{script}, request.Args...), program)...)
	command.Dir = program
	command.Env = request.Env
	var one sync.Mutex // a stream takes one message at a time
	send := func(response *pulumirpc.RunPluginResponse) error {
		one.Lock()
		defer one.Unlock()
		return stream.SendMsg(response)
	}
	command.Stdout = output(func(part []byte) error {
		return send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: part}})
	})
	command.Stderr = output(func(part []byte) error {
		return send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: part}})
	})
	if err := command.Run(); err != nil && command.ProcessState == nil {
		return err
	}
	code := int32(command.ProcessState.ExitCode())
	return send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code}})
}

// find looks for a path in a folder, and in those above it.
func find(folder, path string) (string, error) {
	for at := folder; ; at = filepath.Dir(at) {
		found := filepath.Join(at, path)
		if _, err := os.Stat(found); err == nil {
			return found, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no %s in %s, nor above it: run npm ci there", path, folder)
		}
	}
}

// field is the last value of a field of bytes in a message on the wire; nil where it has none.
func field(message []byte, number protowire.Number) []byte {
	var value []byte
	for len(message) > 0 {
		name, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			return value
		}
		message = message[length:]
		if name == number && kind == protowire.BytesType {
			found, size := protowire.ConsumeBytes(message)
			if size < 0 {
				return value
			}
			value = found
		}
		size := protowire.ConsumeFieldValue(name, kind, message)
		if size < 0 {
			return value
		}
		message = message[size:]
	}
	return value
}

// output hands on what is written to it.
type output func(part []byte) error

func (send output) Write(part []byte) (int, error) {
	if err := send(part); err != nil {
		return 0, err
	}
	return len(part), nil
}
