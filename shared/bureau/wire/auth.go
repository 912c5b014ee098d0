package wire

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"io"

	"beian/shared/rules/gbk"
)

// RandLength is the number of characters of randVal; with fewer the bureau answers code 16.
const RandLength = 20

const randAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// RandVal returns a new randVal: RandLength uniformly distributed characters from 0-9, A-Z and a-z.
func RandVal(random io.Reader) (string, error) {
	value := make([]byte, 0, RandLength)
	var buffer [2 * RandLength]byte
	for len(value) < RandLength {
		if _, err := io.ReadFull(random, buffer[:]); err != nil {
			return "", err
		}
		for _, b := range buffer {
			// 248 is the largest multiple of 62 in a byte; larger values would favour the first characters.
			if b < 248 && len(value) < RandLength {
				value = append(value, randAlphabet[b%62])
			}
		}
	}
	return string(value), nil
}

// PasswordHash returns pwdHash: base64 of the MD5 of password followed by randVal, in GBK (MIIT-IF30 3).
func PasswordHash(password, randVal string) (string, error) {
	text, err := gbk.GBK.Append(nil, password+randVal)
	if err != nil {
		return "", err
	}
	sum := md5.Sum(text)
	return base64.StdEncoding.EncodeToString(sum[:]), nil
}

// FilingPasswordHash returns ICPmm: the MD5 of a filing password (备案密码) in GBK, as 32 lower-case hexadecimal digits.
func FilingPasswordHash(password string) (string, error) {
	text, err := gbk.GBK.Append(nil, password)
	if err != nil {
		return "", err
	}
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[:]), nil
}
