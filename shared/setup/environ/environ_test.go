package environ_test

import (
	"testing"

	"beian/shared/setup/environ"
)

// TestLoad: missing variables are named together, once each; those of the interface may be missing if filing is by hand.
func TestLoad(t *testing.T) {
	names := []environ.Name{environ.Table, environ.Bucket, environ.BureauStatus, environ.Table, environ.Limits}
	for _, test := range []struct {
		name string
		set  map[string]string
		want string
	}{
		{"all", map[string]string{"TABLE": "t", "BUCKET": "b", "BUREAU_STATUS_URL": "u"}, ""},
		{"by hand", map[string]string{"TABLE": "t", "BUCKET": "b", "BUREAU": "manual"}, ""},
		{"none", nil, "environment variables are missing: BUCKET, BUREAU_STATUS_URL, TABLE; set them / 缺少环境变量 BUCKET, BUREAU_STATUS_URL, TABLE，请设置"},
		{"another bureau", map[string]string{"BUREAU": "fax"}, `environment: BUREAU="fax" is not valid; use manual, or leave it out / 环境变量 BUREAU="fax" 无效，请设为 manual 或不设置`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := environ.Load(func(name string) (string, bool) { text, ok := test.set[name]; return text, ok }, names...)
			if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}
