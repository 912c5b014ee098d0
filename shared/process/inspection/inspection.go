// Package inspection inspects the picture of an uploaded paper: everything that needs the file alone, not its order. It decodes the file once.
//
//	done, err := inspection.Inspect(ctx, slot, file, picture.NewBudget())
//	if err == nil && !done.Found.Blocking() { … done.Small, done.Original(file) … }
//
// The function inspectupload inspects large uploads when they arrive, and stores the [Result] beside the upload ([Result.Seal]). The request that accepts the paper uses
// it if it is of exactly this file ([Open]). Otherwise it inspects the file itself: an event can be late, repeated or lost.
package inspection

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/rules/picture"
	"beian/shared/rules/qrcode"
)

// CodeCannotBeSmall is the finding about a picture of which no legible copy is within the bureau's limit.
const CodeCannotBeSmall finding.Code = "evidence-cannot-be-small"

// An upload of MinSize to [evidence.MaxUpload] bytes is inspected when it arrives; see [Early]. A photo of a phone has 2 MB and more. Smaller files are scans and reduced
// photos, which take 0.01 to 0.1 s: too little for another call of a function.
const MinSize = 1_000_000

// MaxResult is the size in bytes that no sealed result exceeds.
const MaxResult = 8 << 20

// version must be counted up when [Inspect] finds other things, or a [Result] gets other fields: a stored result of another version is not used.
const version = "1"

// Early reports whether an upload of a size in bytes is inspected when it arrives.
func Early(size int) bool { return size >= MinSize && size <= evidence.MaxUpload }

// A Result is what was found about the file of an upload, and what is made of it.
type Result struct {
	// Found has the pointer "". If a finding blocks, the other fields are empty.
	Found finding.List `json:"found,omitempty"`
	// Form is the code of a printed form in the picture, "" if there is none.
	Form  string `json:"form,omitempty"`
	Small []byte `json:"small,omitempty"` // the bureau's copy
	// Reduced is the picture to store if the file is larger than [evidence.MaxOriginal], else nil.
	Reduced []byte         `json:"reduced,omitempty"`
	Format  picture.Format `json:"format,omitempty"` // of the picture to store
}

// Original returns the picture to store of the file that was inspected.
func (r Result) Original(file []byte) []byte {
	if r.Reduced != nil {
		return r.Reduced
	}
	return file
}

// Inspect inspects the file of an upload to a slot. It takes the work from the budget; see [picture.Inspect]. The error is that of ctx.
func Inspect(ctx context.Context, slot evidence.Slot, file []byte, budget *picture.Budget) (Result, error) {
	image, found, err := inspectPicture(ctx, slot, file, budget)
	if err != nil || found.Blocking() {
		return Result{Found: found}, err
	}
	r := Result{Found: found}
	if form.IsFormKind(slot.Kind()) {
		if r.Form, err = readForm(ctx, image); err != nil {
			return Result{}, err
		}
	}
	if r.Small, err = image.Copy(ctx, slot.Limit()); errors.Is(err, picture.ErrLimit) {
		return Result{Found: finding.List{finding.New(CodeCannotBeSmall, "")}}, nil
	} else if err != nil {
		return Result{}, err
	}
	original, format, err := image.Original(ctx, evidence.MaxOriginal)
	if err != nil {
		return Result{}, err
	}
	if r.Format = format; len(file) > evidence.MaxOriginal {
		r.Reduced = original
	}
	return r, nil
}

// inspectPicture checks the picture of a slot: an icon by the rules for icons, others by those for documents.
func inspectPicture(ctx context.Context, slot evidence.Slot, file []byte, budget *picture.Budget) (picture.Image, finding.List, error) {
	if slot.Kind() == evidence.AppIcon {
		return picture.InspectIcon(ctx, file, budget)
	}
	return picture.Inspect(ctx, file, "", budget)
}

// readForm reads the code of a printed form in a picture, "" if there is none.
func readForm(ctx context.Context, image picture.Image) (string, error) {
	grey, err := image.InGrey(ctx, qrcode.MaxSide)
	if err != nil {
		return "", err
	}
	isForm := func(text string) bool { _, is := form.ParseCode(text); return is }
	code, _, err := qrcode.Read(ctx, grey, isForm)
	return code, err
}

// Seal returns the result of an upload for storing it beside the upload. It contains pictures of certificates, so it is encrypted under a key that follows from the file: it
// discloses nothing to those who do not have the file, even if it stays behind when the upload is deleted.
func (r Result) Seal(key evidence.Key, file []byte) ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	aead, err := cipherOf(version, file)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(key)), nil
}

// Open returns a sealed result. ok is false if it is not of this upload with this file, or of another version of this package.
func Open(sealed []byte, key evidence.Key, file []byte) (r Result, ok bool) {
	aead, err := cipherOf(version, file)
	if err != nil {
		return Result{}, false
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(key))
	if err != nil || json.Unmarshal(plain, &r) != nil {
		return Result{}, false
	}
	return r, true
}

// cipherOf returns the cipher of a file's result. The SHA-256 of the file alone is no secret: the name of an accepted object has it.
func cipherOf(version string, file []byte) (cipher.AEAD, error) {
	hash := sha256.New()
	hash.Write([]byte("beian inspection " + version + "\n"))
	hash.Write(file)
	block, err := aes.NewCipher(hash.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
