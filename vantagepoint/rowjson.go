package vantagepoint

// Rows are JSON in Vantagepoint's own form, Extra included, so that they can be stored and read back.

// MarshalJSON writes the row as Vantagepoint takes it.
func (r JournalControl) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *JournalControl) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r JournalMaster) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *JournalMaster) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r JournalDetail) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *JournalDetail) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r JournalTax) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *JournalTax) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r InvoiceControl) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *InvoiceControl) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r InvoiceMaster) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *InvoiceMaster) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r InvoiceDetail) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *InvoiceDetail) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r ReceiptControl) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *ReceiptControl) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r ReceiptMaster) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *ReceiptMaster) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r ReceiptDetail) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *ReceiptDetail) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r DisbursementControl) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *DisbursementControl) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r DisbursementMaster) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *DisbursementMaster) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r DisbursementDetail) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *DisbursementDetail) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r VoucherControl) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *VoucherControl) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r VoucherMaster) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *VoucherMaster) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r VoucherDetail) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *VoucherDetail) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r LedgerRow) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *LedgerRow) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r FiscalPeriod) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *FiscalPeriod) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Company) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Company) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r LandingRow) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *LandingRow) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Firm) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Firm) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Contact) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Contact) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Employee) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Employee) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Organization) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Organization) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Record) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Record) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Project) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Project) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Code) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Code) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r KeyFormat) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *KeyFormat) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }

// MarshalJSON writes the row as Vantagepoint takes it.
func (r Account) MarshalJSON() ([]byte, error) { return marshalRow(r) }

// UnmarshalJSON reads the row as Vantagepoint answers it.
func (r *Account) UnmarshalJSON(data []byte) error { return decodeRow(data, r) }
