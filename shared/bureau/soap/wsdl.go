package soap

import (
	"fmt"
	"strings"
)

// A Service is a set of operations at one address, for [WSDL].
type Service struct {
	Name       string
	Address    string // URL
	Operations []Operation
}

// An Operation is a method. It returns one string.
type Operation struct {
	Name       string
	Parameters []Element
}

// An Element is a parameter with its type in XML Schema: "long", "int" or "string".
type Element struct{ Name, Type string }

// WSDL returns the WSDL 1.1 description of a service: document/literal, wrapped, parameters without a namespace and each optional, no
// SOAPAction (MIIT-IF30 2.4). It imports nothing. The ministry's own WSDL is not public; names other than those of methods and parameters
// are ours.
func WSDL(s Service) []byte {
	var types, messages, operations, bindings strings.Builder
	for _, o := range s.Operations {
		fmt.Fprintf(&types, `<xsd:element name="%s"><xsd:complexType><xsd:sequence>`, o.Name)
		for _, p := range o.Parameters {
			writeElement(&types, p)
		}
		fmt.Fprintf(&types, `</xsd:sequence></xsd:complexType></xsd:element><xsd:element name="%sResponse"><xsd:complexType><xsd:sequence>`, o.Name)
		writeElement(&types, Element{"return", "string"})
		types.WriteString(`</xsd:sequence></xsd:complexType></xsd:element>`)
		for _, message := range []string{o.Name, o.Name + "Response"} {
			fmt.Fprintf(&messages, `<wsdl:message name="%s"><wsdl:part name="parameters" element="tns:%[1]s"/></wsdl:message>`, message)
		}
		fmt.Fprintf(&operations, `<wsdl:operation name="%s"><wsdl:input message="tns:%[1]s"/><wsdl:output message="tns:%[1]sResponse"/></wsdl:operation>`, o.Name)
		fmt.Fprintf(&bindings, `<wsdl:operation name="%s"><soap:operation soapAction="" style="document"/>`+
			`<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>`, o.Name)
	}
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="%[1]s" targetNamespace="%[2]s" xmlns:tns="%[2]s" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"`+
		` xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<wsdl:types><xsd:schema targetNamespace="%[2]s" elementFormDefault="unqualified">%[4]s</xsd:schema></wsdl:types>
%[5]s
<wsdl:portType name="%[1]s">%[6]s</wsdl:portType>
<wsdl:binding name="%[1]sBinding" type="tns:%[1]s"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>%[7]s</wsdl:binding>
<wsdl:service name="%[1]sService"><wsdl:port name="%[1]sPort" binding="tns:%[1]sBinding"><soap:address location="%[3]s"/></wsdl:port></wsdl:service>
</wsdl:definitions>
`, s.Name, Namespace, attributeEscape.Replace(s.Address), types.String(), messages.String(), operations.String(), bindings.String())
}

var attributeEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func writeElement(to *strings.Builder, e Element) {
	fmt.Fprintf(to, `<xsd:element name="%s" type="xsd:%s" minOccurs="0"/>`, e.Name, e.Type)
}
