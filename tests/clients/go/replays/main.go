// The requests of clients that are not installed here, in the form in which they write them, and their rules for what
// they are answered. One file for each client.
package main

import (
	"runtime"
	"strings"

	"receipt-gateway/tests/clients/go/cases"
)

func main() {
	var all []cases.Case
	for _, client := range [][]cases.Case{
		openaiGo, openRouterSDK, goOpenAI, goOpenRouter, eino, langchain,
		backendWithObjects, backendWithReasoning,
		n8n, openWebUI,
	} {
		all = append(all, client...)
	}
	cases.Run("requests, replayed", strings.TrimPrefix(runtime.Version(), "go"), all)
}
