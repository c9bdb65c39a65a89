// What a product on BouncyCastle does with files of ODETTE-FTP: reads jobs, one a line, and does
// them in this folder. alpha signs, beta decrypts.

import java.io.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.*;
import java.util.*;
import javax.crypto.spec.*;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.*;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.*;

public class Jobs {
    static X509Certificate alpha, beta;
    static PrivateKey alphaKey, betaKey;

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        alpha = certificate("alpha");
        beta = certificate("beta");
        alphaKey = key("alpha");
        betaKey = key("beta");
        for (String line : Files.readAllLines(Path.of("jobs"))) {
            String[] job = line.split(" ");
            try (InputStream in = new BufferedInputStream(new FileInputStream(job[1]));
                    OutputStream out = new FileOutputStream(job[2])) {
                switch (job[0]) {
                    case "sign": sign(in, out, job[3], job[4], job[5], job[6]); break;
                    case "compress": compress(in, out, job[3]); break;
                    case "encrypt": encrypt(in, out, job[3], job[4], job[5]); break;
                    case "verify": verify(in, out); break;
                    case "expand": expand(in, out); break;
                    case "decrypt": decrypt(in, out); break;
                    default: throw new IllegalArgumentException(line);
                }
            } catch (Exception e) {
                throw new Exception(line, e);
            }
        }
    }

    // sign IN OUT ALGORITHM with-attributes|without by-serial|by-key stream|memory|der
    static void sign(InputStream in, OutputStream out, String algorithm, String attributes,
            String id, String form) throws Exception {
        JcaSimpleSignerInfoGeneratorBuilder builder =
                new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC");
        builder.setDirectSignature(attributes.equals("without"));
        SignerInfoGenerator signer = id.equals("by-key")
                ? builder.build(algorithm, alphaKey, keyId(alpha))
                : builder.build(algorithm, alphaKey, alpha);
        if (form.equals("stream")) {
            CMSSignedDataStreamGenerator generator = new CMSSignedDataStreamGenerator();
            generator.addSignerInfoGenerator(signer);
            try (OutputStream to = generator.open(out, true)) {
                in.transferTo(to);
            }
        } else {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(signer);
            CMSTypedData content = new CMSProcessableByteArray(in.readAllBytes());
            CMSSignedData data = generator.generate(content, true);
            out.write(encoded(data.toASN1Structure(), form));
        }
    }

    // compress IN OUT stream|memory|der
    static void compress(InputStream in, OutputStream out, String form) throws Exception {
        if (form.equals("stream")) {
            CMSCompressedDataStreamGenerator generator = new CMSCompressedDataStreamGenerator();
            try (OutputStream to = generator.open(out, new ZlibCompressor())) {
                in.transferTo(to);
            }
        } else {
            CMSTypedData content = new CMSProcessableByteArray(in.readAllBytes());
            CMSCompressedData data =
                    new CMSCompressedDataGenerator().generate(content, new ZlibCompressor());
            out.write(encoded(ContentInfo.getInstance(data.getEncoded()), form));
        }
    }

    // encrypt IN OUT CIPHER[:OAEP-HASH:MASK-HASH] by-serial|by-key stream|memory|der
    static void encrypt(InputStream in, OutputStream out, String suite, String id, String form)
            throws Exception {
        String[] parts = suite.split(":");
        ASN1ObjectIdentifier cipher = parts[0].equals("3DES") ? CMSAlgorithm.DES_EDE3_CBC
                : parts[0].equals("AES-128") ? CMSAlgorithm.AES128_CBC
                : parts[0].equals("AES-192") ? CMSAlgorithm.AES192_CBC
                : CMSAlgorithm.AES256_CBC;
        JceKeyTransRecipientInfoGenerator recipient;
        if (parts.length > 1) {
            AlgorithmIdentifier oaep = new JcaAlgorithmParametersConverter().getAlgorithmIdentifier(
                    PKCSObjectIdentifiers.id_RSAES_OAEP,
                    new OAEPParameterSpec(parts[1], "MGF1", new MGF1ParameterSpec(parts[2]),
                            PSource.PSpecified.DEFAULT));
            recipient = new JceKeyTransRecipientInfoGenerator(beta, oaep);
        } else if (id.equals("by-key")) {
            recipient = new JceKeyTransRecipientInfoGenerator(keyId(beta), beta.getPublicKey());
        } else {
            recipient = new JceKeyTransRecipientInfoGenerator(beta);
        }
        recipient.setProvider("BC");
        var encryptor = new JceCMSContentEncryptorBuilder(cipher).setProvider("BC").build();
        if (form.equals("stream")) {
            CMSEnvelopedDataStreamGenerator generator = new CMSEnvelopedDataStreamGenerator();
            generator.addRecipientInfoGenerator(recipient);
            try (OutputStream to = generator.open(out, encryptor)) {
                in.transferTo(to);
            }
        } else {
            CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
            generator.addRecipientInfoGenerator(recipient);
            CMSTypedData content = new CMSProcessableByteArray(in.readAllBytes());
            out.write(encoded(generator.generate(content, encryptor).toASN1Structure(), form));
        }
    }

    static void verify(InputStream in, OutputStream out) throws Exception {
        CMSSignedDataParser parser = new CMSSignedDataParser(
                new JcaDigestCalculatorProviderBuilder().setProvider("BC").build(), in);
        parser.getSignedContent().getContentStream().transferTo(out);
        Collection<SignerInformation> signers = parser.getSignerInfos().getSigners();
        if (signers.isEmpty()) {
            throw new Exception("nobody signed");
        }
        for (SignerInformation signer : signers) {
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC")
                    .build(alpha))) {
                throw new Exception("signature is wrong");
            }
        }
    }

    static void expand(InputStream in, OutputStream out) throws Exception {
        CMSCompressedDataParser parser = new CMSCompressedDataParser(in);
        parser.getContent(new ZlibExpanderProvider()).getContentStream().transferTo(out);
    }

    static void decrypt(InputStream in, OutputStream out) throws Exception {
        CMSEnvelopedDataParser parser = new CMSEnvelopedDataParser(in);
        for (RecipientInformation recipient : parser.getRecipientInfos().getRecipients()) {
            recipient.getContentStream(new JceKeyTransEnvelopedRecipient(betaKey)
                    .setProvider("BC")).getContentStream().transferTo(out);
        }
    }

    static byte[] encoded(ContentInfo message, String form) throws Exception {
        return form.equals("der") ? message.getEncoded("DER") : message.getEncoded();
    }

    static byte[] keyId(X509Certificate certificate) throws Exception {
        byte[] extension = certificate.getExtensionValue("2.5.29.14");
        return org.bouncycastle.asn1.x509.SubjectKeyIdentifier.getInstance(
                JcaX509ExtensionUtils.parseExtensionValue(extension)).getKeyIdentifier();
    }

    static X509Certificate certificate(String name) throws Exception {
        try (InputStream in = new FileInputStream(name + ".der")) {
            return (X509Certificate) CertificateFactory.getInstance("X.509", "BC")
                    .generateCertificate(in);
        }
    }

    static PrivateKey key(String name) throws Exception {
        return KeyFactory.getInstance("RSA", "BC").generatePrivate(
                new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of(name + ".p8"))));
    }
}
