package celproof

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
)

// A group is an export with the requests that it is held against, as a JSON document.
type group struct {
	Name     string
	Settings string
	// The exported policy and binding. Empty where the export was refused.
	Manifests string
	// The exported policy that mutates, and its binding. Empty where the settings do not mutate.
	Mutation string
	// Why the export was refused.
	Refused []string
	// Whether the settings only warn.
	Warns bool
	Cases []testCase
}

type testCase struct {
	Name    string
	Request json.RawMessage
	// What the policy says: whether it would reject, the code of each finding, and its line of the message.
	Allowed bool
	Codes   []string
	Lines   []string
	// What the policy makes of the object; null if nothing.
	Mutated json.RawMessage
}

// eachGroup calls a function with each group, on all cores.
func eachGroup(t *testing.T, do func(group)) {
	t.Helper()
	path := os.Getenv("FRESH_IMAGES_CASES")
	if path == "" {
		t.Skip("FRESH_IMAGES_CASES names no file: run make cel-test")
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decoder := json.NewDecoder(bufio.NewReaderSize(file, 1<<20))
	queue := make(chan group)
	var workers sync.WaitGroup
	// A plugin mostly waits until its policies are in force.
	for range 4 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for next := range queue {
				do(next)
			}
		})
	}
	groups := 0
	for ; decoder.More(); groups++ {
		var next group
		if err := decoder.Decode(&next); err != nil {
			t.Error(err)
			break
		}
		queue <- next
	}
	close(queue)
	workers.Wait()
	if groups == 0 {
		t.Errorf("%s has no cases", path)
	}
}

// Why what the policy rejects need not be said by an exported one. Whatever is not here is a fault.
const (
	refusedAtExport   = "the export is refused, with the setting and what to do"
	beforeAnyPolicy   = "the API server refuses it before any policy, or no rule names it: "
	duplicateKey      = "a key that is there twice: the API server has decided which one counts"
	invisible         = "the API server's decoder has dropped or converted what is wrong"
	duplicateNames    = "two entries of one name, which the API server refuses"
	exemptedNamespace = "kube-system, which the exported policy leaves out"
)

// tally counts cases by outcome.
type tally struct {
	lock   sync.Mutex
	counts map[string]int
}

func (c *tally) add(outcome string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[outcome]++
}

func (c *tally) log(t *testing.T) {
	outcomes := make([]string, 0, len(c.counts))
	for outcome := range c.counts {
		outcomes = append(outcomes, outcome)
	}
	sort.Strings(outcomes)
	for _, outcome := range outcomes {
		t.Logf("%7d %s", c.counts[outcome], outcome)
	}
}

func TestExportedPoliciesSayWhatThePolicySays(t *testing.T) {
	var outcomes tally
	defer func() { outcomes.log(t) }()
	eachGroup(t, func(next group) {
		if next.Manifests == "" {
			if len(next.Refused) == 0 {
				t.Errorf("%s: refused without a reason", next.Name)
			}
			for range next.Cases {
				outcomes.add(refusedAtExport)
			}
			return
		}
		server := start(t, next.Manifests, namespaces(next))
		defer server.stop()
		var mutation *mutator
		if next.Mutation != "" {
			var err error
			if mutation, err = compileMutation(next.Mutation); err != nil {
				t.Errorf("%s: %v\n%s", next.Name, err, next.Mutation)
				return
			}
		}
		for _, it := range next.Cases {
			outcome, problem := compare(server, mutation, next, it)
			if problem != "" {
				t.Errorf("%s %s: %s\nsettings %s\nrequest %s\nthe policy says %s", next.Name, it.Name, problem,
					next.Settings, it.Request, strings.Join(it.Lines, "\n"))
				outcome = "DIFFERENT"
			}
			outcomes.add(outcome)
		}
	})
}

// namespaces are those that the cases of a group are in.
func namespaces(group group) []string {
	var names []string
	for _, it := range group.Cases {
		var request struct{ Namespace string }
		if json.Unmarshal(it.Request, &request) == nil && !slices.Contains(names, request.Namespace) {
			names = append(names, request.Namespace)
		}
	}
	return names
}

var more = regexp.MustCompile(` \(and ([0-9]+) more\)$`)

// compare asks the exported policy. The problem is empty if both say the same.
func compare(server *server, mutation *mutator, group group, it testCase) (outcome, problem string) {
	attributes, err := attributesOf(it.Request)
	var unreachable errUnreachable
	if errors.As(err, &unreachable) {
		return beforeAnyPolicy + unreachable.reason, ""
	}
	if mutation == nil {
		return compareTo(server.judge(attributes), group, it, attributes.GetNamespace())
	}
	mutated, err := mutation.mutate(attributes)
	if err != nil {
		return "", "cannot be mutated: " + err.Error()
	}
	answer := server.judge(withObject(attributes, mutated))
	outcome, problem = compareTo(answer, group, it, attributes.GetNamespace())
	if problem != "" || attributes.GetNamespace() == "kube-system" {
		return outcome, problem
	}
	if problem := mutation.compare(attributes, mutated, it, answer.allowed); problem != "" {
		return "", problem
	}
	if mutated != attributes.GetObject() && !equality.Semantic.DeepEqual(mutated, attributes.GetObject()) {
		outcome += ", both mutate in the same way"
	}
	return outcome, ""
}

func compareTo(answer answer, group group, it testCase, namespace string) (outcome, problem string) {
	if answer.failure != "" {
		return "", "cannot be evaluated: " + answer.failure
	}
	rejected := !answer.allowed
	if group.Warns {
		if rejected {
			return "", "rejected, though the settings only warn"
		}
		rejected = answer.message != ""
	}
	if rejected == it.Allowed {
		if reason := difference(it, namespace); reason != "" && !rejected {
			return reason, ""
		}
		return "", fmt.Sprintf("rejected is %t: %s", rejected, answer.message)
	}
	if it.Allowed {
		return "both accept", ""
	}
	return compareMessages(it, answer.message)
}

// compareMessages wants one of the policy's own lines, and the count of the others.
func compareMessages(it testCase, message string) (outcome, problem string) {
	others := 0
	if match := more.FindStringSubmatch(message); match != nil {
		others, _ = strconv.Atoi(match[1])
		message = strings.TrimSuffix(message, match[0])
	}
	code := answer{message: message}.codes()
	if slices.ContainsFunc(it.Codes, isOfDecoding) {
		return "both reject, the policy a text that the API server's decoder has changed", ""
	}
	if len(code) == 0 || !slices.Contains(it.Codes, code[len(code)-1]) {
		return "", "another finding: " + message
	}
	if others+1 != len(it.Codes) && !slices.Contains(it.Codes, "no-containers") {
		return "", fmt.Sprintf("%d findings, not %d: %s", others+1, len(it.Codes), message)
	}
	// The API server has filled in what the policy calls a default.
	said := func(line string) bool { return strings.Replace(line, " defaults to ", " is ", 1) == message }
	if slices.ContainsFunc(it.Lines, said) {
		return "both reject in the same words", ""
	}
	if code[len(code)-1] == "invalid-reference" {
		short := func(line string) bool { return withoutMistake(line) == message }
		if slices.ContainsFunc(it.Lines, short) {
			return "both reject an invalid reference in the same words, the policy with the place of the mistake", ""
		}
		if slices.ContainsFunc(it.Lines, isOfPlaceholder) {
			return "both reject an invalid reference, the policy as a placeholder", ""
		}
		if slices.ContainsFunc(it.Lines, isEscaped) {
			return "both reject an invalid reference, with other escapes for what is not printable", ""
		}
	}
	if strings.Contains(it.Name, "control-characters-in-name") {
		return "both reject, a name that the API server refuses", ""
	}
	return "", "other words: " + message
}

// withoutMistake leaves out where a text stops being a reference, which CEL cannot say.
func withoutMistake(line string) string {
	const before, after = " is not an image reference", ". Write it as "
	start, end := strings.Index(line, before+": "), strings.LastIndex(line, after)
	if start < 0 || end < start {
		return line
	}
	return line[:start+len(before)] + line[end:]
}

// isOfPlaceholder tells whether a line says that something is yet to be filled in, which an exported policy does not tell apart.
func isOfPlaceholder(line string) bool {
	return strings.Contains(line, " is a placeholder, not an image. ")
}

// isEscaped tells whether a line has a text that Rust and Go escape in different ways.
func isEscaped(line string) bool {
	return strings.Contains(line, `\u{`) || strings.Contains(line, `\'`)
}

// isOfDecoding tells whether a finding is about the text of the request, which the API server's policy does not see.
func isOfDecoding(code string) bool {
	return slices.Contains([]string{"duplicate-key", "malformed-object", "malformed-request"}, code)
}

// difference is why the API server's policy may accept what ours rejects.
func difference(it testCase, namespace string) string {
	switch {
	case namespace == "kube-system":
		return exemptedNamespace
	case slices.Contains(it.Codes, "duplicate-key"):
		return duplicateKey
	case slices.ContainsFunc(it.Codes, isOfDecoding):
		return invisible
	case strings.Contains(it.Name, "duplicate-names"):
		return duplicateNames
	}
	return ""
}
