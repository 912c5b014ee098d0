package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

func (c Codec) block() (cipher.Block, error) {
	switch len(c.Key) {
	case 16, 24, 32:
	default:
		return nil, errors.New("the key must have 16, 24 or 32 characters")
	}
	if len(c.IV) != aes.BlockSize {
		return nil, errors.New("the IV must have 16 characters")
	}
	return aes.NewCipher([]byte(c.Key))
}

// encrypt pads data (PKCS #7 with 16-byte blocks) and encrypts it in place.
func (c Codec) encrypt(data []byte) ([]byte, error) {
	block, err := c.block()
	if err != nil {
		return nil, err
	}
	padding := aes.BlockSize - len(data)%aes.BlockSize
	for range padding {
		data = append(data, byte(padding))
	}
	cipher.NewCBCEncrypter(block, []byte(c.IV)).CryptBlocks(data, data)
	return data, nil
}

func (c Codec) decrypt(data []byte) ([]byte, error) {
	block, err := c.block()
	if err != nil {
		return nil, err
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, ErrDecrypt
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, []byte(c.IV)).CryptBlocks(plain, data)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > aes.BlockSize {
		return nil, ErrDecrypt
	}
	for _, b := range plain[len(plain)-padding:] {
		if int(b) != padding {
			return nil, ErrDecrypt
		}
	}
	return plain[:len(plain)-padding], nil
}
