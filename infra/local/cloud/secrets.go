package cloud

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"

	"beian/infra/local/cloudformation"
	"beian/infra/local/keys"
	"beian/shared/seal/keyfile"

	"github.com/google/uuid"
)

// A Key is a key of KMS. Who may use it is said by the policies of roles, for the key's own policy gives it to the account.
type Key struct {
	Description, KeySpec, KeyUsage string
	EnableKeyRotation              bool
	PendingWindowInDays            int
	KeyPolicy                      json.RawMessage
	Tags                           []tag
}

func (a *Account) keyHandler() cloudformation.Handler {
	return handler(&a.made.keys, maker[Key]{
		createOnly: []string{"KeySpec", "KeyUsage"},
		name:       func(cloudformation.Request, Key) string { return uuid.NewString() },
		attributes: func(id string, _ Key) map[string]any {
			return map[string]any{"Arn": a.arn("kms", "key/"+id), "KeyId": id}
		},
		check: func(k Key) error {
			if len(k.KeyPolicy) == 0 {
				return errors.New("the property KeyPolicy is missing")
			}
			_, err := k.usage()
			return err
		},
		create: func(_ context.Context, id string, k *Key) error {
			usage, err := k.usage()
			if err != nil {
				return err
			}
			material, err := keyfile.Open(filepath.Join(a.config.Folder, "keys", id+".json"), a.config.Clock.Now())
			if err != nil {
				return err
			}
			a.keys.Add(id, usage, material)
			return nil
		},
	})
}

func (k Key) usage() (keys.Usage, error) {
	switch {
	case (k.KeySpec == "" || k.KeySpec == "SYMMETRIC_DEFAULT") && (k.KeyUsage == "" || k.KeyUsage == string(keys.EncryptDecrypt)):
		return keys.EncryptDecrypt, nil
	case k.KeySpec == "HMAC_256" && k.KeyUsage == string(keys.GenerateVerifyMAC):
		return keys.GenerateVerifyMAC, nil
	}
	return "", fmt.Errorf("a key of KeySpec %q for KeyUsage %q is not known here", k.KeySpec, k.KeyUsage)
}

// hasKey reports whether there is a key of this id or ARN.
func (a *Account) hasKey(id string) bool {
	_, is := a.made.keys.get(id[strings.LastIndexByte(id, '/')+1:])
	return is
}

type alias struct{ AliasName, TargetKeyId string }

func (a *Account) aliasHandler() cloudformation.Handler {
	return handler(&a.made.aliases, maker[alias]{
		createOnly: []string{"AliasName"},
		name:       func(_ cloudformation.Request, p alias) string { return p.AliasName },
		check: func(p alias) error {
			if !strings.HasPrefix(p.AliasName, "alias/") || !a.hasKey(p.TargetKeyId) {
				return fmt.Errorf("the alias %q has no name that begins with alias/, or no key", p.AliasName)
			}
			return nil
		},
	})
}

// A Secret is a secret of Secrets Manager.
type Secret struct {
	Name, Description, KmsKeyId string
	SecretString                string
	GenerateSecretString        *generateSecret
	Tags                        []tag

	arn, value string
}

type generateSecret struct {
	ExcludePunctuation, ExcludeUppercase, ExcludeLowercase, ExcludeNumbers, IncludeSpace, RequireEachIncludedType bool
	ExcludeCharacters, SecretStringTemplate, GenerateStringKey                                                    string
	PasswordLength                                                                                                int
}

func (a *Account) secretHandler() cloudformation.Handler {
	return handler(&a.made.secrets, maker[Secret]{
		createOnly: []string{"Name"},
		name: func(r cloudformation.Request, s Secret) string {
			name := s.Name
			if name == "" {
				name = r.Name(64)
			}
			return a.arn("secretsmanager", "secret:"+name+"-"+rand.Text()[:6])
		},
		key:        func(_ string, s Secret) string { return s.Name },
		attributes: func(id string, _ Secret) map[string]any { return map[string]any{"Id": id} },
		check: func(s Secret) error {
			if s.SecretString != "" && s.GenerateSecretString != nil {
				return errors.New("a secret has either SecretString or GenerateSecretString")
			}
			return required("Name", s.Name)
		},
		create: func(_ context.Context, id string, s *Secret) (err error) {
			s.arn, s.value = id, s.SecretString
			if s.GenerateSecretString != nil {
				s.value, err = s.GenerateSecretString.draw()
			}
			return err
		},
		update: func(_ context.Context, id string, old Secret, s *Secret) (err error) {
			s.arn = id
			switch {
			case s.SecretString != old.SecretString:
				s.value = s.SecretString
			case s.GenerateSecretString != nil && (old.GenerateSecretString == nil || *s.GenerateSecretString != *old.GenerateSecretString):
				s.value, err = s.GenerateSecretString.draw()
			default:
				s.value = old.value
			}
			return err
		},
	})
}

const (
	letters     = "abcdefghijklmnopqrstuvwxyz"
	digits      = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// draw makes a password, and puts it into the template when there is one.
func (g generateSecret) draw() (string, error) {
	alphabet := ""
	for _, each := range []struct {
		characters string
		excluded   bool
	}{{letters, g.ExcludeLowercase}, {strings.ToUpper(letters), g.ExcludeUppercase}, {digits, g.ExcludeNumbers}, {punctuation, g.ExcludePunctuation}, {" ", !g.IncludeSpace}} {
		if !each.excluded {
			alphabet += each.characters
		}
	}
	alphabet = strings.Map(func(r rune) rune {
		if strings.ContainsRune(g.ExcludeCharacters, r) {
			return -1
		}
		return r
	}, alphabet)
	if alphabet == "" {
		return "", errors.New("GenerateSecretString excludes every character")
	}
	length := g.PasswordLength
	if length == 0 {
		length = 32
	}
	var password strings.Builder
	for range length {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", err
		}
		password.WriteByte(alphabet[n.Int64()])
	}
	if g.SecretStringTemplate == "" {
		return password.String(), nil
	}
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(g.SecretStringTemplate), &fields); err != nil || g.GenerateStringKey == "" {
		return "", errors.New("SecretStringTemplate has to be an object, with GenerateStringKey beside it")
	}
	fields[g.GenerateStringKey] = password.String()
	text, err := json.Marshal(fields)
	return string(text), err
}

// secret finds a secret by its name or ARN.
func (a *Account) secret(id string) (Secret, error) {
	for _, s := range a.made.secrets.list() {
		if id == s.Name || id == s.arn {
			return s, nil
		}
	}
	return Secret{}, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret: %s", id)
}

// secretARN is the ARN of a secret that is called by its name or ARN.
func (a *Account) secretARN(id string) string {
	if s, err := a.secret(id); err == nil {
		return s.arn
	}
	return a.arn("secretsmanager", "secret:"+id)
}

// secretOperation answers Secrets Manager.
func (a *Account) secretOperation(q query) (any, error) {
	switch q.operation {
	case "GetSecretValue":
		var in struct{ SecretId string }
		if err := q.read(&in); err != nil {
			return nil, err
		}
		s, err := a.secret(in.SecretId)
		if err != nil {
			return nil, err
		}
		return map[string]any{"ARN": s.arn, "Name": s.Name, "SecretString": s.value, "VersionStages": []string{"AWSCURRENT"}}, nil
	case "PutSecretValue":
		var in struct{ SecretId, SecretString, ClientRequestToken string }
		if err := q.read(&in); err != nil {
			return nil, err
		}
		s, err := a.secret(in.SecretId)
		if err != nil {
			return nil, err
		}
		s.value = in.SecretString
		a.made.secrets.put(s.Name, s)
		return map[string]any{"ARN": s.arn, "Name": s.Name, "VersionStages": []string{"AWSCURRENT"}}, nil
	}
	return nil, q.unknown()
}
