package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

const kmsKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// fakeKMS is as much of AWS's key management service as sealing a keyset needs: Encrypt and Decrypt of one key, bound to
// their encryption context. It counts its calls.
func fakeKMS(t *testing.T) *atomic.Int64 {
	t.Helper()
	var calls atomic.Int64
	var mu sync.Mutex
	sealed := map[string][]byte{} // a KMS's blobs are opaque: these are names of what they hold
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		var call struct {
			KeyID             string `json:"KeyId"`
			Plaintext         []byte
			CiphertextBlob    []byte
			EncryptionContext map[string]string
		}
		err := json.NewDecoder(r.Body).Decode(&call)
		if err != nil || call.KeyID != kmsKey || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256") {
			http.Error(w, `{"__type":"AccessDeniedException","message":"not authorized"}`, http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		context := call.EncryptionContext["associatedData"]
		answer := map[string]any{"KeyId": kmsKey}
		switch r.Header.Get("X-Amz-Target") {
		case "TrentService.Encrypt":
			blob := "blob " + hex.EncodeToString([]byte{byte(len(sealed))})
			sealed[blob+context] = call.Plaintext
			answer["CiphertextBlob"] = []byte(blob)
		case "TrentService.Decrypt":
			plain, ok := sealed[string(call.CiphertextBlob)+context]
			if !ok {
				http.Error(w, `{"__type":"InvalidCiphertextException"}`, http.StatusBadRequest)
				return
			}
			answer["Plaintext"] = plain
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(answer) // the client has gone
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_KMS": server.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "", "AWS_CA_BUNDLE": "", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(name, value)
	}
	return &calls
}

func TestTheVaultsKeyMovesBetweenHomeFileEnvironmentAndKMS(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		calls := fakeKMS(t)
		keys := t.TempDir()
		mounted := filepath.Join(keys, "mounted")
		if err := os.WriteFile(mounted, []byte(strings.Repeat("2b", 32)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PAYOUTSYNC_TEST_KEY", strings.Repeat("3c", 32))
		i.run(t, "connect", "acme-us").expect(t, 0)
		before := ""
		for _, to := range []string{"file:" + mounted, "env:PAYOUTSYNC_TEST_KEY", "aws-kms://" + kmsKey, "home"} {
			key := "key: " + to + "\n"
			if to == "home" {
				key = ""
			}
			o := i.run(t, "key", "rewrap", "--to", to).expect(t, 0)
			if want := strings.TrimSpace(key); !strings.Contains(o.out, want) || key == "" && !strings.Contains(o.out, "remove `key`") {
				t.Errorf("%s: it does not say what to write into the configuration: %s", to, o.out)
			}
			if !strings.Contains(o.out, "restart every `payoutsync serve`") {
				t.Errorf("%s: it does not say that what runs must be restarted: %s", to, o.out)
			}
			if before != "aws-kms://"+kmsKey { // what a KMS refuses may be well later
				if o := i.run(t, "ping").expect(t, exitUsage); !strings.Contains(o.errors, "do not open with this key") {
					t.Errorf("%s: with the former key: %s", to, o.errors)
				}
				if o := i.run(t, "key", "rewrap", "--to", to, "--json").expect(t, 0); o.lines(t)[0]["already"] != true {
					t.Errorf("%s: run again: %s", to, o.out)
				}
			}
			if before == "" {
				i.edit(t, "payoutsync.yaml", "home: ./", key+"home: ./")
			} else {
				i.edit(t, "payoutsync.yaml", "key: "+before+"\n", key)
			}
			calls.Store(0)
			i.run(t, "ping").expect(t, 0)
			if n := calls.Load(); strings.HasPrefix(to, "aws") != (n > 0) || n > 1 {
				t.Errorf("%s: a process asked the KMS %d times; want once, and only where it holds the key", to, n)
			}
			before = to
		}
	})
}

func TestAKeyFileIsNamedFromWhereverTheCommandRuns(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	if err := os.WriteFile(filepath.Join(i.dir, "vault.key"), []byte(strings.Repeat("2b", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(i.dir)
	o := i.run(t, "key", "rewrap", "--to", "file:vault.key").expect(t, 0)
	if !strings.Contains(o.out, "key: file:"+filepath.Join(i.dir, "vault.key")) {
		t.Errorf("it says %s", o.out)
	}
	i.edit(t, "payoutsync.yaml", "home: ./", "key: file:vault.key\nhome: ./") // beside the configuration
	t.Chdir(t.TempDir())
	i.run(t, "ping").expect(t, 0)
	if o := i.run(t, "key", "rewrap", "--to", "file:"+filepath.Join(i.dir, "vault.key"), "--json").expect(t, 0); o.lines(t)[0]["already"] != true {
		t.Errorf("the same key: %s", o.out)
	}
}

func TestAKeyThatCannotBeUsedChangesNothing(t *testing.T) {
	i := newInstall(t)
	fakeKMS(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	for to, code := range map[string]int{"env:NO_SUCH_KEY": exitUsage, "file:/no/such/key": exitUsage, "aws-kms://" + kmsKey + "x": exitRemote} {
		if o := i.run(t, "key", "rewrap", "--to", to).expect(t, code); !strings.Contains(o.errors, "nothing was changed") {
			t.Errorf("%s: %s", to, o.errors)
		}
	}
	i.run(t, "ping").expect(t, 0)
}

func TestKeyRotateEncryptsEverythingAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
		i.run(t, "connect", "acme-us").expect(t, 0)
		i.run(t, "sync").expect(t, 0)
		before := i.credentialRows(t)
		want := len(before) - 1 // but for the keyset itself
		if o := i.run(t, "key", "rotate", "--json").expect(t, 0); want < 2 || o.lines(t)[0]["credentials"] != json.Number(strconv.Itoa(want)) {
			t.Errorf("rotated %s, want %d: the log-in, the seal of the audit log, and what else is there", o.out, want)
		}
		for id, row := range i.credentialRows(t) {
			if bytes.Equal(row, before[id]) {
				t.Errorf("%q is as it was", id)
			}
		}
		i.run(t, "ping").expect(t, 0)
		i.run(t, "audit", "verify").expect(t, 0)
		for id, row := range before {
			if id != "keyset" {
				i.setCredentialRow(t, id, row)
			}
		}
		if o := i.run(t, "ping"); o.code == 0 {
			t.Error("what the forgotten key sealed still opens")
		}
	})
}

func TestARowCopiedToAnotherSellerDoesNotOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		text := readFile(t, i.config)
		_, seller, _ := strings.Cut(text, "  - name: acme-us")
		account := i.amazon.Accounts()[0].ID
		seller = strings.Replace(seller, account, "A1OTHER", 1)
		if err := os.WriteFile(i.config, []byte(text+"\n  - name: other-us"+seller), 0o600); err != nil {
			t.Fatal(err)
		}
		i.run(t, "connect", "acme-us").expect(t, 0)
		for id, row := range i.credentialRows(t) {
			if strings.Contains(id, "acme-us") {
				i.setCredentialRow(t, strings.Replace(id, "acme-us/"+account, "other-us/A1OTHER", 1), row)
			}
		}
		i.run(t, "ping", "acme-us").expect(t, 0)
		if o := i.run(t, "ping", "other-us").expect(t, exitUsage); !strings.Contains(o.out, "belongs to another seller") {
			t.Errorf("the copied row: %s%s", o.out, o.errors)
		}
	})
}

func (i install) open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), i.database, filepath.Join(i.dir, "payoutsync-data"))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (i install) credentialRows(t *testing.T) map[string][]byte {
	t.Helper()
	db := i.open(t)
	defer db.Close()
	credentials := store.Credentials{DB: db}
	ids, err := credentials.IDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]byte{}
	for _, id := range ids {
		if rows[id], err = credentials.Get(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

func (i install) setCredentialRow(t *testing.T, id string, row []byte) {
	t.Helper()
	db := i.open(t)
	defer db.Close()
	if err := (store.Credentials{DB: db}).Put(t.Context(), id, row); err != nil {
		t.Fatal(err)
	}
}
