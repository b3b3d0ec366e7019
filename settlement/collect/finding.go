package collect

// The codes of findings.
const (
	FindingNotEntitled = "not_entitled" // the application may not use an interface
	FindingNoAnswer    = "no_answer"    // an interface failed in this round
	FindingNotFound    = "not_found"    // an interface does not know the settlement
	FindingUnreadable  = "unreadable"   // an answer cannot be read exactly
	FindingConverted   = "converted"    // Amazon pays out in another currency than the settlement's
)

// Finding is what Amazon's other interfaces could not say of a settlement, or said in a way that proves nothing.
type Finding struct {
	Code    string // one of the Finding constants
	Message string
}

// String is the code and the message.
func (f Finding) String() string { return f.Code + ": " + f.Message }
