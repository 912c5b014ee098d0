package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// accountsFile has a line for each account. Lines are only appended: a login costs the same with a hundred accounts and a million.
const accountsFile = "accounts.jsonl"

// A storedAccount is a line of accountsFile.
type storedAccount struct {
	Login string `json:"login"` // HMAC
	account
}

// addAccount adds an account, which the next saveState stores. The caller holds the lock.
func (i *Issuer) addAccount(login string, a account) {
	i.accounts[login] = a
	i.unsaved = append(i.unsaved, storedAccount{login, a})
}

// loadAccounts reads the accounts. It removes a line that a crash left incomplete: its login was not completed. It returns false if there
// is no file.
func (i *Issuer) loadAccounts() (bool, error) {
	text, err := os.ReadFile(i.file(accountsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	number := 0
	for line := range bytes.Lines(whole) {
		number++
		var one storedAccount
		if err := json.Unmarshal(line, &one); err != nil || one.Login == "" || one.Sub == "" {
			return true, fmt.Errorf("%s: line %d is damaged; restore the file from a copy", i.file(accountsFile), number)
		}
		i.accounts[one.Login] = one.account
	}
	if len(whole) < len(text) {
		return true, os.Truncate(i.file(accountsFile), int64(len(whole)))
	}
	return true, nil
}

// saveAccounts appends the new accounts to the file.
func (i *Issuer) saveAccounts() error {
	if len(i.unsaved) == 0 {
		return nil
	}
	var lines bytes.Buffer
	for _, one := range i.unsaved {
		if err := json.NewEncoder(&lines).Encode(one); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(i.file(accountsFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if _, err = f.Write(lines.Bytes()); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(size), f.Close())
	}
	i.unsaved = slices.Delete(i.unsaved, 0, len(i.unsaved))
	return f.Close()
}
