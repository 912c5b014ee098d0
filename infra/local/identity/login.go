package identity

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/uuid"

	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
)

// A login is a phone number in E.164 or an email address in lower case.
type login struct {
	text  string
	phone bool
}

var (
	errLogin = errors.New("neither a phone number nor an email address")
	e164     = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	spacing  = strings.NewReplacer(" ", "", "-", "")
)

func parseLogin(typed string) (login, error) {
	typed = text.NormalizeASCII(typed)
	if strings.Contains(typed, "@") {
		address := contact.NormalizeEmail(typed)
		if len(address.Check()) > 0 {
			return login{}, errLogin
		}
		return login{text: strings.ToLower(address.Reveal())}, nil
	}
	number := spacing.Replace(typed)
	if mobile := contact.NormalizeMobile(typed); len(mobile.Check()) == 0 {
		number = "+86" + mobile.Reveal()
	}
	if !e164.MatchString(number) {
		return login{}, errLogin
	}
	return login{text: number, phone: true}, nil
}

// Words of the error responses.
var (
	wordsNotJSON = finding.Words{Chinese: "请求的格式不对，请以 JSON 提交手机号码或邮箱。", English: "The body must be JSON with phone_number or email."}
	wordsNoLogin = finding.Words{Chinese: "请填写手机号码或邮箱，只填一项。", English: "Either phone_number or email is required."}
	wordsLogin   = finding.Words{Chinese: "手机号码或邮箱不正确，请核对后重新填写；手机请填 11 位号码。", English: "The phone number or email address is not valid. Check it and enter it again."}
	wordsTooMany = finding.Words{Chinese: "获取验证码太频繁。请使用最近一条短信或邮件中的验证码；没有收到的，请换用以前登录过的浏览器，或 %d 分钟后再试。",
		English: "Too many codes were requested. Use the newest code that you received, a browser in which you logged in before, or try again in %d minutes."}
	wordsNotSent           = finding.Words{Chinese: "验证码没有发出，请稍等一分钟再试一次。", English: "The code could not be sent. Try again in a minute."}
	wordsNotForm           = finding.Words{Chinese: "请求的格式不对，请以表单提交。", English: "The body must be a form."}
	wordsGrant             = finding.Words{Chinese: "登录方式不对，grant_type 应为 " + codeGrantType + " 或 " + GrantType + "。", English: "The grant type is " + codeGrantType + " or " + GrantType + "."}
	wordsClient            = finding.Words{Chinese: "没有这个客户端，请核对 client_id。", English: "The client is not known."}
	wordsCode              = finding.Words{Chinese: "验证码不正确、已使用或已过期（5 分钟内有效）。请核对最近一条短信或邮件，或重新获取验证码。", English: "The code is wrong, used or expired after 5 minutes. Check the newest SMS or email, or request another code."}
	wordsAuthorizationCode = finding.Words{Chinese: "登录凭据不正确、已使用或已过期（60 秒内有效），请重新登录。", English: "The authorization code is wrong, used or expired, or belongs to another redirect_uri or code_verifier. Log in again."}
	wordsUnavailable       = finding.Words{Chinese: "暂时不能登录，请稍等一分钟再试一次。", English: "Try again in a minute."}
)

// wordsTwice are the words about a field that is given more than once, or is unknown.
func wordsTwice(field string) finding.Words {
	return finding.Words{Chinese: "请求中的 " + field + " 重复，或者不是约定的内容，请核对后重新提交。", English: field + " is given twice or is not known. Send each field once, as agreed."}
}

// serveCodes handles POST /codes. The response does not reveal whether an account exists.
func (i *Issuer) serveCodes(w http.ResponseWriter, r *http.Request) {
	language := r.Header.Get("Accept-Language")
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		respondError(w, language, http.StatusUnsupportedMediaType, "invalid_request", wordsNotJSON)
		return
	}
	var in struct {
		Phone  string `json:"phone_number"`
		Email  string `json:"email"`
		Locale string `json:"locale"`
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = strictjson.UnmarshalExact(body, &in, "phone_number", "email", "locale")
	}
	if names, wrong := errors.AsType[*strictjson.NameError](err); wrong {
		respondError(w, language, http.StatusBadRequest, "invalid_request", wordsTwice(names.Pointers[0]))
		return
	}
	if err != nil || (in.Phone == "") == (in.Email == "") {
		respondError(w, language, http.StatusBadRequest, "invalid_request", wordsNoLogin)
		return
	}
	language = cmp.Or(in.Locale, language)
	to, err := parseLogin(cmp.Or(in.Phone, in.Email))
	if err != nil || to.phone != (in.Phone != "") {
		respondError(w, language, http.StatusBadRequest, "invalid_request", wordsLogin)
		return
	}
	wait, err := i.sendCode(r.Context(), to, i.clientOf(r, to), in.Locale)
	switch {
	case wait > 0:
		words := setRetryAfter(w, wait)
		respondError(w, language, http.StatusTooManyRequests, "slow_down", words)
	case err != nil:
		respondError(w, language, http.StatusServiceUnavailable, "temporarily_unavailable", wordsNotSent)
	default:
		respond(w, http.StatusAccepted, map[string]int{"expires_in": int(CodeLifetime.Seconds())})
	}
}

// setRetryAfter sets the header Retry-After, and returns the words for a user who requested too many codes.
func setRetryAfter(w http.ResponseWriter, wait time.Duration) finding.Words {
	minutes := int(math.Ceil(wait.Minutes()))
	w.Header().Set("Retry-After", strconv.Itoa(60*minutes))
	return finding.Words{Chinese: fmt.Sprintf(wordsTooMany.Chinese, minutes), English: fmt.Sprintf(wordsTooMany.English, minutes)}
}

// sendCode stores a new code for a login and sends it. After too many requests it sends nothing, and returns how long to wait. A failure is
// logged.
func (i *Issuer) sendCode(ctx context.Context, to login, by client, locale string) (wait time.Duration, err error) {
	code, wait, err := i.newCode(to, by)
	if wait > 0 {
		return wait, nil
	}
	if err == nil {
		err = i.deliverCode(ctx, to, code, locale)
	}
	if err != nil {
		i.config.Log.Error("a login code was not sent", "phone", to.phone)
	}
	return 0, err
}

// newCode stores a new code for a login, which the client can use. Older codes stay valid. After too many requests it returns how long to
// wait instead.
func (i *Issuer) newCode(to login, by client) (text string, wait time.Duration, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", 0, err
	}
	text = fmt.Sprintf("%06d", n)
	now := i.config.Now()
	key := i.hmacOf("login", to.text)

	i.mu.Lock()
	defer i.mu.Unlock()
	p := i.state.Pending[key]
	own := NewCodesPerClient
	if by.Known {
		own = CodesPerHour
	}
	wait = waitAfter(p.Requests, own, now, func(r request) bool { return r.client == by })
	if !by.Known {
		wait = max(wait, waitAfter(p.Requests, NewCodesPerHour, now, func(r request) bool { return !r.Known }))
	}
	if wait > 0 {
		return "", wait, nil
	}
	p.Codes = append(p.Codes, code{HMAC: i.hmacOf("code", to.text, text), Client: by.ID, Expires: now.Add(CodeLifetime)})
	p.Requests = append(p.Requests, request{now, by})
	i.state.Pending[key] = p
	return text, 0, i.saveState(now)
}

// waitAfter returns how long to wait until fewer than a limit of the counted requests, oldest first, are in the last hour.
func waitAfter(requests []request, limit int, now time.Time, counts func(request) bool) time.Duration {
	var counted []time.Time
	for _, r := range requests {
		if counts(r) && now.Sub(r.At) < time.Hour {
			counted = append(counted, r.At)
		}
	}
	if len(counted) < limit {
		return 0
	}
	return counted[len(counted)-limit].Add(time.Hour).Sub(now)
}

// deliverCode sends a code by SMS or email.
func (i *Issuer) deliverCode(ctx context.Context, to login, code, locale string) error {
	subject, message := "【备案】登录验证码", fmt.Sprintf("【备案】您的登录验证码是 %s，5 分钟内有效。请勿告诉他人。", code)
	if strings.HasPrefix(strings.ToLower(locale), "en") {
		subject = "Beian: your sign-in code"
		message = fmt.Sprintf("Beian: your sign-in code is %s. It is valid for 5 minutes. Do not share it.", code)
	}
	if to.phone {
		_, err := i.config.SMS.Publish(ctx, &sns.PublishInput{
			PhoneNumber: aws.String(to.text), Message: aws.String(message),
			MessageAttributes: map[string]snstypes.MessageAttributeValue{"AWS.SNS.SMS.SMSType": {
				DataType: aws.String("String"), StringValue: aws.String("Transactional")}},
		})
		return err
	}
	_, err := i.config.Emails.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(i.config.From),
		Destination:      &sestypes.Destination{ToAddresses: []string{to.text}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{
			Subject: &sestypes.Content{Data: aws.String(subject), Charset: aws.String("UTF-8")},
			Body:    &sestypes.Body{Text: &sestypes.Content{Data: aws.String(message), Charset: aws.String("UTF-8")}},
		}},
	})
	return err
}

var errCode = errors.New("the code is wrong, used or expired")

// redeem returns the login's account for a correct code that the client requested, invalidates all codes of the login, and forgets the
// client's requests. It creates the account if there is none. A wrong code counts against the codes of this client only.
func (i *Issuer) redeem(who login, by client, typed string) (account, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	known, err := i.useCode(who, by, typed)
	if err == nil {
		err = i.saveState(i.config.Now())
	}
	return known, err
}

// normalizeCode returns the digits of a code without spaces and invisible characters.
func normalizeCode(typed string) string { return spacing.Replace(text.NormalizeASCII(typed)) }

// useCode does what redeem says. The caller holds the lock, and saves the state if there is no error.
func (i *Issuer) useCode(who login, by client, typed string) (account, error) {
	now := i.config.Now()
	key := i.hmacOf("login", who.text)
	given := i.hmacOf("code", who.text, typed)
	p := i.state.Pending[key]
	right, tried := false, false
	for n := range p.Codes {
		if c := &p.Codes[n]; c.Client == by.ID && c.Wrong < MaxTries && now.Before(c.Expires) {
			tried = true
			right = right || hmac.Equal([]byte(c.HMAC), []byte(given))
			c.Wrong++
		}
	}
	switch {
	case !tried:
		return account{}, errCode
	case !right:
		return account{}, errors.Join(errCode, i.saveState(now))
	}
	p.Codes = nil
	p.Requests = slices.DeleteFunc(p.Requests, func(r request) bool { return r.client == by })
	i.state.Pending[key] = p
	known, has := i.accounts[key]
	if !has {
		known = account{Sub: uuid.NewString(), Created: now.UTC()}
		i.addAccount(key, known)
	}
	return known, nil
}
