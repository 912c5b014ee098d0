// Package picture checks uploaded images ([Inspect]) and makes the small JPEG copies for the bureau ([Image.Copy]).
//
//	budget := picture.NewBudget() // for all pictures of a request
//	image, found, err := picture.Inspect(ctx, data, "image/jpeg", budget)
//	if err == nil && !found.Blocking() {
//		copy, err := image.Copy(ctx, slot.Limit())
//	}
//
// The original is stored unchanged. This package does not read the text on a document; the applicant's phone recognises it and
// people check it.
//
// A small file can need much work. The structure of a file is checked before it is decoded, the work of a request has a limit, and
// decoding ends soon after its context.
package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime"
	"runtime/debug"
	"strconv"
	"strings"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// Codes of the findings of [Inspect].
const (
	CodeEmpty         finding.Code = "evidence-empty"
	CodeTooLarge      finding.Code = "evidence-too-large"
	CodePDF           finding.Code = "evidence-is-pdf"
	CodeHEIC          finding.Code = "evidence-is-heic"
	CodeNotAnImage    finding.Code = "evidence-not-jpg-or-png"
	CodeOtherType     finding.Code = "evidence-other-type-than-declared"
	CodeUnreadable    finding.Code = "evidence-unreadable"
	CodeTooManyPixels finding.Code = "evidence-too-many-pixels"
	CodeStructure     finding.Code = "evidence-unusual-structure"
	CodeLater         finding.Code = "evidence-in-another-request"
	CodeSmall         finding.Code = "evidence-small"
	CodeTiny          finding.Code = "evidence-tiny"
	CodeVideo         finding.Code = "evidence-is-video"
	CodeGrey          finding.Code = "evidence-not-in-colour"
	CodeIconTooLarge  finding.Code = "icon-too-large"
	CodeIconTiny      finding.Code = "icon-too-small"
	CodeIconNotSquare finding.Code = "icon-not-square"
)

// Limits of the size, besides [evidence.MaxUpload]. A page of A4 at 600 dots per inch has 35 million pixels.
//
// They hold for every kind of picture. Decoding takes up to 27 bytes for each pixel (progressive with four components), so up to 1,080 MB:
// infra/stack gives the function that decodes pictures 1,769 MB.
const (
	MaxPixels = 40_000_000 // width × height
	MaxSide   = 12_000     // pixels
)

// Bytes that decoding takes for each pixel, at most.
const (
	bytesOfSequential = 9  // of a JPEG with one scan of each component
	bytesOfOther      = 27 // of a progressive JPEG, which is kept as coefficients until the last scan, or a PNG
)

// largePicture is the number of bytes for decoding above which the memory of the picture before is freed first. That takes longer than decoding a small picture.
const largePicture = 250_000_000

// The size of the photograph that bureaus required until 2019, 800 × 600 (FACE-2010). Smaller images are hard to read.
const (
	legibleLong  = 800
	legibleShort = 600
)

// No document is legible in a picture with smaller sides, or as narrow as a strip of a panorama.
const (
	tinyLong  = 300
	tinyShort = 100
	maxAspect = 20 // long side by short side
	tinyIcon  = 64 // both sides of an icon; no source states a limit, and stores ask for more
)

// A Format is the content type of an accepted image.
type Format string

const (
	JPEG Format = "image/jpeg"
	PNG  Format = "image/png"
)

// ParseFormat returns the format for a content type as browsers and phones name it. Some name none or a general one; the upload is then
// sent as JPEG, for [Inspect] decides by the bytes. The findings about another type say what to do; their pointer is "".
func ParseFormat(contentType string) (Format, finding.List) {
	kind, _, _ := mime.ParseMediaType(contentType)
	if strings.HasPrefix(kind, "video/") {
		return "", finding.List{finding.New(CodeVideo, "")}
	}
	switch kind {
	case "image/jpeg", "image/jpg", "image/jpe", "image/jfif", "image/pjpeg", "", "image/*", "application/octet-stream", "binary/octet-stream":
		return JPEG, nil
	case "image/png", "image/x-png":
		return PNG, nil
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif":
		return "", finding.List{finding.New(CodeHEIC, "")}
	case "application/pdf", "application/x-pdf":
		return "", finding.List{finding.New(CodePDF, "")}
	}
	return "", finding.List{finding.New(CodeNotAnImage, "")}
}

// An Image is the result of inspecting an upload.
type Image struct {
	Format      Format
	Width       int // pixels, as stored, before the rotation by Orientation
	Height      int
	Grey        bool // almost no colour
	Orientation int  // EXIF orientation, 1 (upright) to 8

	data   []byte
	plain  bool   // a baseline JPEG that every viewer shows alike
	planes planes // of the decoded picture
	budget *Budget
}

// Inspect decodes an uploaded file completely and returns all findings about it, with the pointer "". declared is the content
// type that the client sent, "" if none. If no finding blocks, the Image is complete and [Image.Copy] can be called.
//
// It takes the work from the budget; if the rest is too small, the finding is [CodeLater] and the budget is exhausted. err is that of ctx.
func Inspect(ctx context.Context, data []byte, declared string, budget *Budget) (Image, finding.List, error) {
	inspected, found, err := decodeUpload(ctx, data, smallest{tinyLong, tinyShort}, budget)
	if err != nil || found.Blocking() {
		return inspected, found, err
	}
	if declared != "" && declared != string(inspected.Format) {
		found = append(found, finding.New(CodeOtherType, ""))
	}
	if long, short := max(inspected.Width, inspected.Height), min(inspected.Width, inspected.Height); long < legibleLong || short < legibleShort {
		found = append(found, finding.New(CodeSmall, "",
			"width", strconv.Itoa(inspected.Width), "height", strconv.Itoa(inspected.Height)))
	}
	if inspected.Grey {
		found = append(found, finding.New(CodeGrey, ""))
	}
	return inspected, found, nil
}

// InspectIcon is like [Inspect] for the icon of an app: a file of at most [evidence.IconLimit] bytes, whose picture is square (a warning otherwise)
// and has sides of at least 64 pixels.
func InspectIcon(ctx context.Context, data []byte, budget *Budget) (Image, finding.List, error) {
	if len(data) > evidence.IconLimit {
		size := strconv.Itoa((len(data) + 1023) / 1024)
		return Image{}, finding.List{finding.New(CodeIconTooLarge, "", "size", size, "max", strconv.Itoa(evidence.IconLimit/1024))}, nil
	}
	inspected, found, err := decodeUpload(ctx, data, smallest{tinyIcon, tinyIcon}, budget)
	if err != nil || found.Blocking() {
		if found.Has(CodeTiny) {
			found = finding.List{finding.New(CodeIconTiny, "", "width", strconv.Itoa(inspected.Width), "height", strconv.Itoa(inspected.Height), "min", strconv.Itoa(tinyIcon))}
		}
		return inspected, found, err
	}
	if inspected.Width != inspected.Height {
		found = append(found, finding.New(CodeIconNotSquare, "", "width", strconv.Itoa(inspected.Width), "height", strconv.Itoa(inspected.Height)))
	}
	return inspected, found, nil
}

// smallest are the sides below which a picture is not decoded.
type smallest struct{ long, short int }

// decodeUpload checks type, size and structure before it decodes data.
func decodeUpload(ctx context.Context, data []byte, least smallest, budget *Budget) (Image, finding.List, error) {
	inspected := Image{data: data, budget: budget}
	blocked := func(code finding.Code, args ...string) (Image, finding.List, error) {
		return inspected, finding.List{finding.New(code, "", args...)}, nil
	}
	if !budget.take(workOfByte * int64(len(data))) {
		return blocked(CodeLater)
	}
	if len(data) == 0 {
		return blocked(CodeEmpty)
	}
	if len(data) > evidence.MaxUpload {
		return blocked(CodeTooLarge)
	}
	decode, configure := jpeg.Decode, jpeg.DecodeConfig
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		inspected.Format = JPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		inspected.Format = PNG
		decode, configure = png.Decode, png.DecodeConfig
	case bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")):
		return blocked(CodePDF)
	case isHEIC(mediaBrand(data)):
		return blocked(CodeHEIC)
	case mediaBrand(data) != "": // the moving part of a live photo
		return blocked(CodeVideo)
	default:
		return blocked(CodeNotAnImage)
	}
	config, err := configure(newContextReader(ctx, data))
	if err != nil {
		return inspected, finding.List{finding.New(codeOf(err), "")}, ctx.Err()
	}
	inspected.Width, inspected.Height, inspected.Orientation = config.Width, config.Height, 1
	if config.Width > MaxSide || config.Height > MaxSide || config.Width*config.Height > MaxPixels {
		return blocked(CodeTooManyPixels)
	}
	var passes int64
	bytesOfPixel := int64(bytesOfOther)
	if inspected.Format == JPEG {
		h := readHeader(data)
		if !h.isSane(config.Width, config.Height) {
			return blocked(CodeStructure)
		}
		if !h.progressive {
			bytesOfPixel = bytesOfSequential
		}
		// Colours of printing (CMYK) are shown wrongly by some browsers, and perhaps by the bureau's viewer.
		inspected.plain = h.baseline && !h.thumbnail && config.ColorModel != color.CMYKModel
		inspected.Orientation, passes = h.orientation, int64(h.visits)
	} else {
		h := readPNGHeader(data)
		switch {
		case !h.isSane():
			return blocked(CodeStructure)
		case !h.isComplete():
			return blocked(CodeUnreadable)
		}
		passes = h.passes(config.ColorModel)
	}
	if long, short := max(config.Width, config.Height), min(config.Width, config.Height); long < least.long || short < least.short || long > maxAspect*short {
		return blocked(CodeTiny, "width", strconv.Itoa(config.Width), "height", strconv.Itoa(config.Height))
	}
	pixels := int64(config.Width) * int64(config.Height)
	if !budget.take(pixels * (workOfDecoding + passes)) {
		return blocked(CodeLater)
	}
	if pixels*bytesOfPixel > largePicture {
		debug.FreeOSMemory()
	}
	decoded, err := decode(newContextReader(ctx, data))
	if err != nil {
		return inspected, finding.List{finding.New(codeOf(err), "")}, ctx.Err()
	}
	inspected.Grey = isGrey(decoded)
	if _, is := decoded.(*image.YCbCr); !is {
		budget.spend(size{config.Width, config.Height}, workOfConverting)
	}
	inspected.planes, err = planesOf(ctx, decoded)
	return inspected, nil, err
}

// Pixels returns how many pixels decoding a file takes, at most [MaxPixels]: 0 for a file that [Inspect] refuses unread. It reads only the header.
func Pixels(ctx context.Context, data []byte) int64 {
	configure := jpeg.DecodeConfig
	if bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) {
		configure = png.DecodeConfig
	}
	config, err := configure(newContextReader(ctx, data))
	if err != nil || config.Width > MaxSide || config.Height > MaxSide {
		return 0
	}
	return min(int64(config.Width)*int64(config.Height), MaxPixels)
}

// codeOf returns the code for an error of the decoder: a variant of the format that it does not know, or a damaged file.
func codeOf(err error) finding.Code {
	if _, is := errors.AsType[jpeg.UnsupportedError](err); is {
		return CodeNotAnImage
	}
	if _, is := errors.AsType[png.UnsupportedError](err); is {
		return CodeNotAnImage
	}
	return CodeUnreadable
}

// mediaBrand returns the brand of an ISO media file, "" for other files. Photos of the HEIF family and videos are such files.
func mediaBrand(data []byte) string {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return ""
	}
	return string(data[8:12])
}

// isHEIC recognises the photos of some phones by the brand.
func isHEIC(brand string) bool {
	switch brand {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "heif", "mif1", "mif2", "msf1", "avif", "avis":
		return true
	}
	return false
}

// isGrey reports whether fewer than one sample in a thousand has a colour. A colour photo of a grey document has more, from the red
// seal and tinted light; a black-and-white scan has not.
func isGrey(picture image.Image) bool {
	const grid, tint = 200, 24
	bounds := picture.Bounds()
	planes, _ := picture.(*image.YCbCr)
	across, down := min(grid, bounds.Dx()), min(grid, bounds.Dy())
	coloured := 0
	for row := range down {
		for column := range across {
			var r, g, b uint32
			if x, y := bounds.Min.X+column*bounds.Dx()/across, bounds.Min.Y+row*bounds.Dy()/down; planes != nil {
				r, g, b, _ = planes.YCbCrAt(x, y).RGBA() // which allocates nothing, unlike At
			} else {
				r, g, b, _ = picture.At(x, y).RGBA()
			}
			if int(max(r, g, b)>>8)-int(min(r, g, b)>>8) > tint {
				coloured++
			}
		}
	}
	return coloured*1000 < across*down
}
