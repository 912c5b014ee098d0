package simulator

import (
	"net"
	"net/http"
	"strings"

	"beian/shared/bureau"
	"beian/shared/bureau/soap"
)

// credentials returns the parameters that begin every signature (MIIT-IF30 5). The provider's id is ispID on the wire, except in
// isp_querypreviousupload (MIIT-IF30 2.3); the simulator accepts both names.
func credentials(id string) []soap.Element {
	return []soap.Element{{Name: id, Type: "long"}, {Name: "userName", Type: "string"}, {Name: "randVal", Type: "string"}, {Name: "pwdHash", Type: "string"}}
}

// operation returns a signature with hashAlgorithm directly after the credentials, as in all methods but isp_upload.
func operation(m bureau.Method, id string, more ...soap.Element) soap.Operation {
	parameters := append(credentials(id), soap.Element{Name: "hashAlgorithm", Type: "int"})
	return soap.Operation{Name: string(m), Parameters: append(parameters, more...)}
}

// services are the services by path.
var services = map[string]soap.Service{
	bureau.UpDownLoadPath: {Name: "UpDownLoad", Operations: []soap.Operation{
		{Name: string(bureau.UploadMethod), Parameters: append(credentials("ispID"),
			soap.Element{Name: "beianInfo", Type: "string"}, soap.Element{Name: "beianInfoHash", Type: "string"},
			soap.Element{Name: "dataSequence", Type: "long"}, soap.Element{Name: "encryptAlgorithm", Type: "int"},
			soap.Element{Name: "hashAlgorithm", Type: "int"}, soap.Element{Name: "compressionFormat", Type: "int"})},
		operation(bureau.DownloadMethod, "ispID"),
		operation(bureau.AckMethod, "ispID", soap.Element{Name: "fileName", Type: "string"}),
		operation(bureau.QueryPreviousMethod, "ispId"),
	}},
	bureau.BeianStatusPath: {Name: "QueryBeianStatus", Operations: []soap.Operation{
		operation(bureau.FiledMethod, "ispID", soap.Element{Name: "queryConditionType", Type: "int"}, soap.Element{Name: "queryCondition", Type: "string"}),
	}},
	bureau.VerifyPasswordPath: {Name: "VerifyBamm", Operations: []soap.Operation{
		operation(bureau.VerifyPasswordMethod, "ispID", soap.Element{Name: "baxh", Type: "string"}, soap.Element{Name: "bamm", Type: "string"}),
	}},
}

// serveWSDL answers GET …?wsdl with the description of the service, whose address is the one that the caller used.
func serveWSDL(w http.ResponseWriter, r *http.Request) {
	asked := false
	for name := range r.URL.Query() {
		asked = asked || strings.EqualFold(name, "wsdl") || strings.EqualFold(name, "singleWsdl")
	}
	if !asked {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "send SOAP requests with POST, or add ?wsdl for the description of this service", http.StatusMethodNotAllowed)
		return
	}
	service := services[r.URL.Path]
	service.Address = addressOf(r)
	w.Header().Set("Content-Type", soap.ContentType)
	_, _ = w.Write(soap.WSDL(service))
}

func addressOf(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	if local, is := r.Context().Value(http.LocalAddrContextKey).(net.Addr); host == "" && is {
		host = local.String() // HTTP/1.0
	}
	return scheme + "://" + host + r.URL.Path
}
